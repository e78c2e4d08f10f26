import { createHash } from 'node:crypto';
import { folder, freePort, here, node, type Running, start } from './processes.ts';
import { answering } from './upstream.ts';

/** Who is measured, and how each is asked for the same thing. */

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
  readonly start: (upstream: string) => Promise<Running & { readonly url: string }>;
};

const json = { 'content-type': 'application/json' };
const events = { ...json, accept: 'text/event-stream' };
const key = 'parley_bench_0123456789012345678901234567890123456789';
const bearer = { authorization: `Bearer ${key}` };

const input = { model: 'up/bench', messages: [{ role: 'USER', content: 'Hello' }] };
const wholeDocument =
  'query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { text finishReason usage { inputTokens outputTokens } } ... on ChatFailure { code message } } }';
export const streamDocument =
  'subscription ($input: ChatInput!) { chatStream(input: $input) { __typename ... on ContentDelta { text } ... on CompletionFinished { finishReason } ... on CompletionFailed { code } } }';

const graphQLWhole: Asked = {
  path: '/graphql',
  headers: { ...json, ...bearer },
  body: JSON.stringify({ query: wholeDocument, variables: { input } }),
};
const graphQLStream: Asked = {
  path: '/graphql',
  headers: { ...events, ...bearer },
  body: JSON.stringify({ query: streamDocument, variables: { input } }),
};
const request = { model: 'up/bench', messages: [{ role: 'user', content: 'Hello' }] };
const restWhole: Asked = {
  path: '/v1/chat/completions',
  headers: { ...json, ...bearer },
  body: JSON.stringify(request),
};
const restStream: Asked = { ...restWhole, body: JSON.stringify({ ...request, stream: true }) };

/** Everything that a real gateway has switched on. */
export function settings(upstream: string): string {
  const sha256 = createHash('sha256').update(key).digest('hex');
  return `callers:
  - { name: bench, sha256: "${sha256}" }
connections: { perOrigin: 20000 }
providers:
  up: { kind: openai-compatible, baseUrl: "${upstream}", apiKeyEnv: UP_KEY }
`;
}

export async function startParley(
  upstream: string,
  yaml = settings(upstream),
): Promise<Running & { readonly url: string }> {
  const port = await freePort();
  const running = await start([node, here('../dist/parley.js')], {
    core: 'gateway',
    cwd: folder({ 'parley.yaml': yaml }),
    env: { PORT: String(port), UP_KEY: 'key', NODE_ENV: 'production' },
    ready: /Parley serves/,
  });
  return { ...running, url: `http://127.0.0.1:${port}` };
}

function own(file: string): Contestant['start'] {
  return async (upstream) => {
    const port = await freePort();
    const running = await start([node, here(`servers/${file}.ts`), String(port), upstream], {
      core: 'gateway',
      env: { NODE_ENV: 'production' },
      ready: /ready/,
    });
    return { ...running, url: `http://127.0.0.1:${port}` };
  };
}

const parley = { start: startParley };

export const contestants = {
  parley: { name: 'Parley, GraphQL', whole: graphQLWhole, stream: graphQLStream, ...parley },
  parleyRest: { name: 'Parley, REST', whole: restWhole, stream: restStream, ...parley },
  bare: { name: 'bare: node:http, graphql-js, undici', whole: graphQLWhole, stream: undefined, start: own('bare') },
  relay: {
    name: 'relay by hand: reads and writes events',
    whole: undefined,
    stream: graphQLStream,
    start: own('relay'),
  },
  raw: { name: 'raw: passes bytes on', whole: restWhole, stream: restStream, start: own('raw') },
  stockYoga: {
    name: 'stock Yoga, same schema',
    whole: graphQLWhole,
    stream: graphQLStream,
    async start(upstream) {
      const yaml = `providers:\n  up: { kind: openai-compatible, baseUrl: "${upstream}" }\n`;
      return own('stock-yoga')(folder({ 'parley.yaml': yaml }));
    },
  },
  portkey: {
    name: 'Portkey OSS',
    whole: portkeyAsked({ model: 'bench', messages: request.messages }),
    stream: portkeyAsked({ model: 'bench', messages: request.messages, stream: true }),
    async start(upstream) {
      const port = await freePort();
      const running = start(
        [node, here('node_modules/@portkey-ai/gateway/build/start-server.js'), '--headless', `--port=${port}`],
        {
          core: 'gateway',
          env: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
          ready: /ready|running|listening/i,
        },
      );
      const url = `http://127.0.0.1:${port}`;
      portkeyHost = upstream;
      await answering(url);
      return { ...(await running), url };
    },
  },
} satisfies Record<string, Contestant>;

/** Portkey is told in a header where to ask. */
let portkeyHost = '';
function portkeyAsked(body: object): Asked {
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
    body: JSON.stringify(body),
  };
}
