import { createHash } from 'node:crypto';
import { text } from './answers.ts';
import { folder, freePort, here, node, type Running, start } from './processes.ts';
import { answering } from './upstream.ts';

/** The contestants, and how each is asked for the same answer. */

export type Asked = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Contestant = {
  readonly name: string;
  readonly whole: Asked | undefined;
  readonly stream: Asked | undefined;
  /** `upstream` is the base URL of a provider: "http://127.0.0.1:1/v1". */
  readonly start: (upstream: string, options?: Pick<StartParley, 'nodeOptions'>) => Promise<Server>;
};

export type Server = Running & { readonly url: string };

const json = { 'content-type': 'application/json' };
const events = { ...json, accept: 'text/event-stream' };
const key = 'parley_bench_0123456789012345678901234567890123456789';
const bearer = { authorization: `Bearer ${key}` };

export type Mode = 'whole' | 'stream';

const wholeDocument =
  'query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { text finishReason usage { inputTokens outputTokens } } ... on ChatFailure { code message } } }';
const streamDocument =
  'subscription ($input: ChatInput!) { chatStream(input: $input) { __typename ... on ContentDelta { text } ... on CompletionFinished { finishReason } ... on CompletionFailed { code } } }';
/** Asks for the text alone. */
export const textDocument =
  'subscription ($input: ChatInput!) { chatStream(input: $input) { ... on ContentDelta { text } } }';

export type Question = {
  /** The mode of the paced provider: servers/paced.ts. Default: answer at once. */
  readonly content?: string;
  /** Bytes of earlier messages. Default: none. */
  readonly history?: number;
  /** Identifies the call at the provider. */
  readonly user?: string;
};

/** In OpenAI's form. The history is messages of a thousand bytes, or longer ones when the number of messages reaches its limit. */
function messagesOf({ content = 'Hello', history = 0 }: Question) {
  const count = Math.min(Math.ceil(history / 1000), 900);
  const turn = text.repeat(Math.ceil(history / count / text.length) || 0).slice(0, history / count);
  const turns = Array.from({ length: count }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: turn,
  }));
  return [...turns, { role: 'user', content }];
}

export function graphQL(
  mode: Mode,
  question: Question = {},
  query = mode === 'whole' ? wholeDocument : streamDocument,
): Asked {
  const messages = messagesOf(question).map(({ role, content }) => ({ role: role.toUpperCase(), content }));
  const input = { model: 'up/bench', messages, user: question.user };
  const headers = { ...(mode === 'whole' ? json : events), ...bearer };
  return { path: '/graphql', headers, body: JSON.stringify({ query, variables: { input } }) };
}

export function rest(mode: Mode, question: Question = {}): Asked {
  const body = { model: 'up/bench', messages: messagesOf(question), user: question.user, stream: mode === 'stream' };
  return { path: '/v1/chat/completions', headers: { ...json, ...bearer }, body: JSON.stringify(body) };
}

/** The same, of the provider itself. */
export function direct(mode: Mode, question: Question = {}): Asked {
  const body = { model: 'bench', messages: messagesOf(question), user: question.user, stream: mode === 'stream' };
  return { path: '/chat/completions', headers: json, body: JSON.stringify(body) };
}

export type Settings = {
  /** Number of callers beside the one that sends the requests. */
  readonly callers?: readonly { readonly name: string; readonly sha256: string }[];
  /** Number of models beside the one that is requested. */
  readonly models?: readonly string[];
};

/** Everything that is on in production. */
export function settings(upstream: string, { callers = [], models = [] }: Settings = {}): string {
  const sha256 = createHash('sha256').update(key).digest('hex');
  return `callers:
${[{ name: 'bench', sha256 }, ...callers].map(({ name, sha256 }) => `  - { name: ${name}, sha256: "${sha256}" }\n`).join('')}
limits: { requestsPerMinute: 1000000000, tokensPerMinute: 1000000000000, concurrentStreams: 20000, budgetPerDayUsd: 1000000 }
prices:
  up/bench: { input: 0.001, output: 0.001, asOf: "2026-11-24" }
server: { maxBodyBytes: 20000000 }
timeouts: { idleMs: 600000, keepAliveOnlyMs: 600000 }
connections: { perOrigin: 20000 }
concurrency: { max: 20000, maxPerProvider: 20000 }
providers:
  up:
    kind: openai-compatible
    baseUrl: "${upstream}"
    apiKeyEnv: UP_KEY
    models: [${models.join(', ')}]
`;
}

export type StartParley = {
  readonly yaml?: string;
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

export async function startParley(
  upstream: string,
  { yaml = settings(upstream), nodeOptions = [], env = {} }: StartParley = {},
): Promise<Server> {
  const port = await freePort();
  const running = await start([node, ...nodeOptions, here('../dist/parley.js')], {
    core: 'gateway',
    cwd: folder({ 'parley.yaml': yaml }),
    env: { PORT: String(port), UP_KEY: 'key', NODE_ENV: 'production', ...env },
    ready: /Parley serves/,
  });
  return { ...running, url: `http://127.0.0.1:${port}` };
}

function own(file: string): Contestant['start'] {
  return async (upstream, { nodeOptions = [] } = {}) => {
    const port = await freePort();
    const running = await start([node, ...nodeOptions, here(`servers/${file}.ts`), String(port), upstream], {
      core: 'gateway',
      env: { NODE_ENV: 'production' },
      ready: /ready/,
    });
    return { ...running, url: `http://127.0.0.1:${port}` };
  };
}

const [graphQLWhole, graphQLStream, restWhole, restStream] = [
  graphQL('whole'),
  graphQL('stream'),
  rest('whole'),
  rest('stream'),
];

export const contestants = {
  parley: { name: 'Parley, GraphQL', whole: graphQLWhole, stream: graphQLStream, start: startParley },
  parleyRest: { name: 'Parley, REST', whole: restWhole, stream: restStream, start: startParley },
  bare: { name: 'bare: node:http, graphql-js, undici', whole: graphQLWhole, stream: undefined, start: own('bare') },
  relay: {
    name: 'relay by hand: reads and writes events',
    whole: undefined,
    stream: graphQLStream,
    start: own('relay'),
  },
  raw: { name: 'raw: passes bytes on', whole: restWhole, stream: restStream, start: own('raw') },
  stockYoga: { name: 'stock Yoga, same schema', whole: graphQLWhole, stream: graphQLStream, start: own('stock-yoga') },
  yogaOnGateway: {
    name: "stock Yoga on Parley's gateway",
    whole: graphQLWhole,
    stream: graphQLStream,
    async start(upstream) {
      const yaml = `providers:\n  up: { kind: openai-compatible, baseUrl: "${upstream}" }\n`;
      return own('yoga-on-gateway')(folder({ 'parley.yaml': yaml }));
    },
  },
  portkey: {
    name: 'Portkey OSS',
    whole: portkeyAsked('whole'),
    stream: portkeyAsked('stream'),
    async start(upstream) {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const running = await start(
        [node, here('node_modules/@portkey-ai/gateway/build/start-server.js'), '--headless', `--port=${port}`],
        {
          core: 'gateway',
          env: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
          ready: () => answering(url),
        },
      );
      portkeyHost = upstream;
      return { ...running, url };
    },
  },
} satisfies Record<string, Contestant>;

/** Portkey reads the provider's address from a header. */
let portkeyHost = '';
function portkeyAsked(mode: Mode): Asked {
  return {
    path: '/v1/chat/completions',
    get headers() {
      return {
        ...json,
        authorization: 'Bearer key',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': portkeyHost,
      };
    },
    body: direct(mode).body,
  };
}
