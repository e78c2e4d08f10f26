import { createServer } from 'node:http';
import { buildSchema, type DocumentNode, execute, parse, validate } from 'graphql';
import { Agent } from 'undici';

/** The smallest GraphQL chat: node:http, graphql-js and undici. No validation, key, limit or log. */

const schema = buildSchema(`
  type Query { chat(input: ChatInput!): ChatResult! }
  union ChatResult = Completion | ChatFailure
  type Completion { text: String! finishReason: String! usage: Usage }
  type Usage { inputTokens: Int outputTokens: Int }
  type ChatFailure { code: String! message: String! }
  input ChatInput { model: String! messages: [MessageInput!]! }
  input MessageInput { role: Role! content: String }
  enum Role { SYSTEM USER ASSISTANT TOOL }
`);
const [, , port, upstream = ''] = process.argv;
const { origin, pathname } = new URL(`${upstream}/chat/completions`);
const agent = new Agent({ allowH2: false });
const documents = new Map<string, DocumentNode>();

async function chat({ input }: { input: { model: string; messages: { role: string; content: string }[] } }) {
  const [, model] = input.model.split('/');
  const messages = input.messages.map(({ role, content }) => ({ role: role.toLowerCase(), content }));
  const { body } = await agent.request({
    origin,
    path: pathname,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
    body: JSON.stringify({ model, messages }),
  });
  const { choices, usage } = (await body.json()) as {
    choices: { message: { content: string }; finish_reason: string }[];
    usage: { prompt_tokens: number; completion_tokens: number };
  };
  return {
    __typename: 'Completion',
    text: choices[0]?.message.content,
    finishReason: choices[0]?.finish_reason.toUpperCase(),
    usage: { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
  };
}

createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', async () => {
    const { query, variables } = JSON.parse(Buffer.concat(pieces).toString()) as { query: string; variables: object };
    let document = documents.get(query);
    if (!document) {
      document = parse(query);
      if (validate(schema, document).length > 0) throw new Error('The document is not valid');
      documents.set(query, document);
    }
    const result = await execute({ schema, document, rootValue: { chat }, variableValues: { ...variables } });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
