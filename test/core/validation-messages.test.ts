import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/yaml-file.ts';
import { parseChatRequest } from '../../src/core/chat.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import { builtInProviders } from '../../src/providers/registry.ts';

/** Words of the validator: types and operators, which say nothing to the person who wrote a value. */
const zodWords =
  /received|Too (big|small)|Invalid (input|option|string|type)|<=|>=|undefined|expected (number|string|int|array|object|record)/;

const hello = [{ role: 'user', content: 'Hello' }];
const wrong: readonly object[] = [
  {},
  { model: 7, messages: hello },
  { model: '', messages: hello },
  { model: 'a/b', messages: 'Hello' },
  { model: 'a/b', messages: [] },
  { model: 'a/b', messages: [{ role: 'bot', content: 'x' }] },
  { model: 'a/b', messages: [{ role: 'user', content: 7 }] },
  { model: 'a/b', messages: hello, temperature: 3 },
  { model: 'a/b', messages: hello, temperature: 'hot' },
  { model: 'a/b', messages: hello, maxTokens: 0.5 },
  { model: 'a/b', messages: hello, stop: ['x'.repeat(501)] },
  { model: 'a/b', messages: hello, seed: 2 ** 60 },
  { model: 'a/b', messages: hello, tools: [{}] },
  { model: 'a/b', messages: hello, colour: 'red' },
  { model: 'a/b', messages: hello, onDisconnect: 'sleep' },
];

describe('messages about wrong values', () => {
  it.each(wrong.map((input) => [JSON.stringify(input).slice(0, 80), input] as const))(
    'are plain for %s',
    (_text, input) => {
      try {
        parseChatRequest(input);
        expect.fail('It was accepted.');
      } catch (thrown) {
        const { issues, message } = thrown as GatewayError;
        for (const text of [message, ...issues.map((issue) => issue.message)]) expect(text).not.toMatch(zodWords);
      }
    },
  );

  it.each([
    'server: { port: 70000 }',
    'server: { port: "x" }',
    'server: 7',
    'callers: web',
    'callers: [{ name: web }]',
    'limits: { requestsPerMinute: 0 }',
    'logLevel: loud',
    'retries: { max: 1.5 }',
    'providers: { Local: { kind: openai-compatible } }',
    'routes: { fast: [] }',
    'timeouts: { connectMs: soon }',
    'prices: { openai/x: { input: free } }',
    'graphql: { maxDepth: 0 }',
  ])('are plain for the setting %s', (yaml) => {
    const read = readYaml(yaml, 'parley.yaml', builtInProviders);
    const problems = 'problems' in read ? read.problems : [];
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).not.toMatch(zodWords);
  });

  it('name models of callers that match no provider or route', () => {
    const key = 'a'.repeat(64);
    const read = (models: string) =>
      readYaml(
        `callers: [{ name: web, sha256: "${key}", models: [${models}] }]\nroutes: { fast: [openai/gpt-4o] }`,
        'parley.yaml',
        builtInProviders,
      );
    expect(read('"openai/*", "route/fast", "route/*"')).toHaveProperty('config');
    expect(read('"openay/*"')).toEqual({
      problems: [
        expect.stringMatching(
          /^parley\.yaml:1: callers\.0\.models\.0: "openay\/\*" matches no provider; known: openai, /,
        ),
      ],
    });
    expect(read('"route/slow"')).toEqual({
      problems: [expect.stringContaining('"route/slow" matches no route; known: fast')],
    });
  });
});
