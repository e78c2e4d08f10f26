import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { query, streamed } from '../support/graphql-client.ts';

/** The examples of the README, run unchanged. */

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code);

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ yaml: 'sandbox: { firstTokenMs: 0, tokensPerSecond: 0 }\n' });
});
afterAll(() => gateway.stop());

describe('the README', () => {
  it.each(blocks('sh').filter((code) => code.startsWith('curl')))(
    'shows a command that is answered: %.40s…',
    (command) => {
      const answer = execFileSync('sh', [
        '-c',
        `${command.replace('http://127.0.0.1:4000', gateway.url).trim()} -s`,
      ]).toString();
      expect(answer).toMatch(
        /"isSandbox":true,"finishReason":"STOP"|"CompletionFinished","finishReason":"STOP".*\n\nevent: complete|"is_sandbox":true,"finish_reason":"stop"/,
      );
      expect(answer).not.toContain('errors');
    },
  );

  it.each(blocks('graphql'))('shows a document that works: %.30s…', async (document) => {
    const { errors, data } = await query(gateway.url, document);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).not.toContain('"code"');
  });

  it('shows a stream with a model that answers as printed', async () => {
    const input = { model: 'anthropic/claude-sonnet-4-5', seed: 1, messages: [{ role: 'USER', content: 'Hello!' }] };
    const [started, ...rest] = await streamed(gateway.url, input);
    expect(readme).toContain(`"provider":"${started?.['provider']}","model":"${started?.['model']}"`);
    expect(readme).toContain(JSON.stringify(rest.at(-1)?.['warnings']).slice(1, -1));
  });
});
