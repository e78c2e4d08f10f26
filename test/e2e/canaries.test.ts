import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { type FaultName, type FaultServer, faults, startFaultServer } from '../support/fault-server.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';

/** Keys, prompts and answers carry markers; every fault is played, whole and streamed, on both faces. */

const names = Object.keys(faults) as FaultName[];
const caller = callerKey('web', 'admin: true');

/** Markers that only the provider may receive. */
const secrets = { key: 'sk-canary-of-the-provider-1', second: 'sk-canary-of-the-provider-2' };
/** Markers that only the caller and the provider may receive. */
const words = ['canary-prompt', 'canary-system', 'canary-tool', 'canary-schema', 'canary-user', 'canary-picture'];
/** Patterns of stack traces and local paths. */
const trace = /\n\s+at |node_modules|\/src\/|file:\/\//;

const messages = [{ role: 'USER', content: 'canary-prompt' }];
const inGraphQL = {
  messages,
  systemMessage: 'canary-system',
  user: 'canary-user',
  tools: [{ name: 'canary-tool', parameters: { type: 'object', description: 'canary-schema' } }],
};
const inRest = {
  messages: [{ role: 'user', content: 'canary-prompt' }],
  system_message: 'canary-system',
  user: 'canary-user',
  tools: [{ type: 'function', function: { name: 'canary-tool', parameters: { description: 'canary-schema' } } }],
};
/** Invalid requests. Messages must not quote them. */
const wrong = [
  { query: '{ chat(input: { model: "canary-prompt' },
  { query: `{ chat(input: { model: "a/canary-prompt", messages: [{ role: CANARY }] }) { __typename } }` },
  { query: wholeChat, variables: { input: { model: 'local/x', messages: 'canary-prompt' } } },
  { query: wholeChat, variables: { input: { ...inGraphQL, model: 'local/x', temperature: 'canary-prompt' } } },
  { query: wholeChat, variables: { input: { model: 'local/x', messages, tools: [{ name: 'canary tool' }] } } },
];

describe.each(['production', 'development'])('with NODE_ENV=%s', (environment) => {
  let server: FaultServer;
  let gateway: GatewayProcess;
  const answers: string[] = [];

  const post = async (path: string, body: unknown, accept = 'application/json') => {
    const response = await fetch(gateway.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${caller.key}` },
      body: JSON.stringify(body),
    });
    answers.push(`${[...response.headers].join('\n')}\n${await response.text()}`);
  };

  beforeAll(async () => {
    server = await startFaultServer((request) => faults[request.model as FaultName](request));
    gateway = await startGateway({
      yaml: `timeouts: { connectMs: 200, headersMs: 200, responseMs: 300, firstContentMs: 300, idleMs: 200, keepAliveOnlyMs: 300, totalMs: 1000 }
retries: { max: 1, baseMs: 10 }
cooldowns: { rateLimitMs: 0, authenticationMs: 0, billingMs: 0 }
server: { graphiql: true }
graphql: { introspection: true }
${callersYaml(caller)}providers:
  local: { kind: openai-compatible, baseUrl: "${server.url}/v1", apiKeyEnv: LOCAL_KEY }
`,
      env: { LOCAL_KEY: `${secrets.key},${secrets.second}`, NODE_ENV: environment, LOG_LEVEL: 'debug' },
    });
    const models = names.map((name) => `local/${name}`);
    await Promise.all(
      models.flatMap((model) => [
        post('/graphql', { query: wholeChat, variables: { input: { ...inGraphQL, model } } }),
        post('/graphql', { query: wholeStream, variables: { input: { ...inGraphQL, model } } }, 'text/event-stream'),
        post('/v1/chat/completions', { ...inRest, model }),
        post('/v1/chat/completions', { ...inRest, model, stream: true }),
      ]),
    );
    for (const body of wrong) await post('/graphql', body);
    await post('/v1/chat/completions', { ...inRest, model: 'local/x', temperature: 'canary-prompt', stop: [1] });
    await post('/graphql', { query: '{ providers { id status keys { name cooldowns { code } } } models { id } }' });
    const metrics = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${caller.key}` } });
    expect(metrics.status).toBe(200);
    answers.push(await metrics.text());
    await gateway.stop();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('keys of providers reached providers only', () => {
    expect(new Set(server.requests.map(({ key }) => key))).toEqual(new Set(Object.values(secrets)));
    expect(answers.length).toBeGreaterThan(names.length * 4);
    for (const secret of Object.values(secrets)) {
      for (const answer of answers) expect(answer).not.toContain(secret);
      expect(gateway.output()).not.toContain(secret);
    }
  });

  it('prompts, answers and callers’ keys are in no log and no error', () => {
    for (const word of [...words, caller.key]) {
      for (const answer of answers) expect(answer).not.toContain(word);
      expect(gateway.output()).not.toContain(word);
    }
    const log = gateway
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(log.length).toBeGreaterThan(0);
    // Pieces of the provider's answer.
    for (const line of log) expect(line).not.toMatch(/Hel|lo!/);
  });

  it('no answer has a stack trace or a path of this machine', () => {
    for (const answer of answers) expect(answer).not.toMatch(trace);
  });
});
