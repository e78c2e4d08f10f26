import type { ChatInput, ContentPartInput, MessageInput } from 'parley-client';
import { chatDocument } from './chat-document.ts';

/** One request in the forms that a developer pastes into a program. Keys are read from the environment, never shown. */

export type CodeBlock = { readonly title: string; readonly code: string };

export const sampleNames = ['GraphQL', 'parley-client', 'React', 'curl', 'OpenAI SDK'] as const;
export type SampleName = (typeof sampleNames)[number];

type Gateway = {
  /** "https://parley.example" */
  readonly origin: string;
  readonly needsKey: boolean;
};

export function samplesOf(input: ChatInput, gateway: Gateway): Readonly<Record<SampleName, readonly CodeBlock[]>> {
  // It would make the gateway refuse a repetition.
  const { requestId: _, ...request } = input;
  return {
    GraphQL: [
      { title: 'chat.graphql', code: chatDocument },
      { title: 'variables.json', code: toJson({ input: request }) },
    ],
    'parley-client': [{ title: 'chat.ts', code: clientSample(request, gateway) }],
    React: [{ title: 'chat.tsx', code: reactSample(request, gateway) }],
    curl: [{ title: 'sh', code: curlSample(request, gateway) }],
    'OpenAI SDK': [{ title: 'chat.ts', code: openAiSample(request, gateway) }],
  };
}

/** Data URLs fill pages: they are shown shortened, and copied whole. */
export function shortened(code: string): string {
  return code.replace(/(data:[\w/.+-]{1,80};base64,[\w+/=]{24})[\w+/=]{100,}/g, '$1…');
}

function clientSample(input: ChatInput, gateway: Gateway): string {
  return `${importOf('{ createParley }', 'parley-client')}

const parley = createParley(${clientOptions(gateway)});
const stream = parley.stream(${toLiteral(input)});
for await (const text of stream.text()) process.stdout.write(text);
`;
}

function reactSample(input: ChatInput, gateway: Gateway): string {
  const { messages: _, tools, ...options } = input;
  const fields = Object.entries(options).map(([name, value]) => `${name}: ${toLiteral(value, 2)},`);
  return `${importOf('{ createParley }', 'parley-client')}
${importOf('{ useChat }', 'parley-react')}

const parley = createParley({ url: '${gateway.origin}/graphql' });
${tools ? `\n// Each tool may have an execute(args) that answers its calls.\nconst tools = ${toLiteral(toToolRecord(tools))};\n` : ''}
export function Chat() {
  const { messages, send, stop, isRunning } = useChat({
    parley,
    ${[...fields, ...(tools ? ['tools,'] : [])].join('\n    ')}
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(String(new FormData(event.currentTarget).get('text')));
      }}
    >
      {messages.map(({ id, role, text }) => <p key={id}>{role}: {text}</p>)}
      <input name="text" aria-label="Message" />
      {isRunning ? <button type="button" onClick={stop}>Stop</button> : <button>Send</button>}
    </form>
  );
}
`;
}

function toToolRecord(tools: NonNullable<ChatInput['tools']>): Record<string, unknown> {
  const empty = { type: 'object', properties: {} };
  return Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      { description: description ?? '', parameters: parameters ?? empty },
    ]),
  );
}

function curlSample(input: ChatInput, { origin, needsKey }: Gateway): string {
  const body = toJson({ query: chatDocument, variables: { input } });
  return `curl --no-buffer '${origin}/graphql' \\
  -H 'content-type: application/json' \\
  -H 'accept: text/event-stream' \\
${needsKey ? '  -H "authorization: Bearer $PARLEY_KEY" \\\n' : ''}  -d '${body.replaceAll("'", String.raw`'\''`)}'
`;
}

function openAiSample(input: ChatInput, { origin, needsKey }: Gateway): string {
  const key = needsKey ? 'process.env.PARLEY_KEY' : "'no key is needed'";
  return `${importOf('OpenAI', 'openai')}

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${key} });
const stream = await client.chat.completions.create(${toLiteral(toOpenAi(input))});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
`;
}

function clientOptions({ origin, needsKey }: Gateway): string {
  if (!needsKey) return `{ url: '${origin}/graphql' }`;
  return `{
  url: '${origin}/graphql',
  headers: { authorization: \`Bearer \${process.env.PARLEY_KEY}\` },
}`;
}

/** The fields that this page sends, as OpenAI names them. */
function toOpenAi(input: ChatInput): Record<string, unknown> {
  const { model, systemMessage, messages, temperature, maxTokens, tools, responseFormat } = input;
  const system = systemMessage ? [{ role: 'system', content: systemMessage }] : [];
  const schema = responseFormat?.jsonSchema;
  return {
    model,
    stream: true,
    messages: [...system, ...messages.map(toOpenAiMessage)],
    ...(temperature != null && { temperature }),
    ...(maxTokens != null && { max_completion_tokens: maxTokens }),
    ...(schema && {
      response_format: { type: 'json_schema', json_schema: { name: schema.name, schema: schema.schema } },
    }),
    ...(tools && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function',
        function: { name, description, parameters },
      })),
    }),
  };
}

function toOpenAiMessage({ role, content, parts, toolCalls, toolCallId }: MessageInput): Record<string, unknown> {
  const calls = (toolCalls ?? []).map(({ id, name, arguments: text }) => ({
    ...{ id, type: 'function' },
    function: { name, arguments: text },
  }));
  return {
    role: role.toLowerCase(),
    content: parts ? parts.map(toOpenAiPart) : (content ?? ''),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(toolCallId && { tool_call_id: toolCallId }),
  };
}

function toOpenAiPart({ text, image, audio, video, file }: ContentPartInput): Record<string, unknown> {
  if (image) return { type: 'image_url', image_url: { url: image.url } };
  const [, mediaType = '', data = ''] = /^data:([^;,]{1,200});base64,(.*)$/s.exec(audio?.url ?? '') ?? [];
  if (audio) return { type: 'input_audio', input_audio: { data, format: /mpeg|mp3/.test(mediaType) ? 'mp3' : 'wav' } };
  const other = video ?? file;
  if (other) return { type: 'file', file: { filename: other.name ?? 'file', file_data: other.url } };
  return { type: 'text', text: text ?? '' };
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

/** Not as it stands in a program: the page's own imports are found by their lines. */
function importOf(names: string, library: string): string {
  return `import ${names} from '${library}';`;
}

/** JSON as it is written in TypeScript: names without quotes. Indented where it stands in an indented line. */
function toLiteral(value: unknown, indent = 0): string {
  const text = toJson(value).replace(/^( *)"([A-Za-z_$][\w$]*)":/gm, '$1$2:');
  return text.replaceAll('\n', `\n${' '.repeat(indent)}`);
}
