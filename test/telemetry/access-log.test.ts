import { mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureCodes } from '../../src/core/errors.ts';
import { createAccessLog } from '../../src/telemetry/access-log.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { facts, outcome } from '../support/outcomes.ts';

/** Everything that is written to a file, as to a terminal or not. */
async function write(isTTY: boolean, say: (log: ReturnType<typeof createLog>) => void): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'parley-log-')), 'log');
  const output = { fd: openSync(path, 'w'), isTTY } as unknown as NodeJS.WriteStream & { fd: number };
  const log = createLog('info', output);
  say(log);
  if (!isTTY) await new Promise<void>((resolve) => log.flush(() => resolve()));
  return readFileSync(path, 'utf8');
}

async function lineOf(...[given, ended]: Parameters<typeof told>): Promise<Record<string, unknown>> {
  return JSON.parse(await told(given, ended));
}

function told(given = facts(), ended = outcome(), isTTY = false): Promise<string> {
  return write(isTTY, (log) => createAccessLog(log).count({ facts: given, outcome: ended }));
}

describe('the log line of a call', () => {
  it('has names, codes and numbers', async () => {
    expect(await lineOf()).toEqual({
      level: 30,
      time: expect.any(Number),
      requestId: 'r-1',
      caller: 'web',
      face: 'graphql',
      operation: 'Ask',
      provider: 'openai',
      model: 'gpt-4o',
      code: 'OK',
      attempts: 1,
      latencyMs: 812,
      overheadMs: 1.5,
      inputTokens: 100,
      cachedTokens: 40,
      outputTokens: 20,
      reasoningTokens: 5,
      costUsd: 0.002,
      msg: 'chat openai/gpt-4o ok in 812 ms',
    });
  });

  it('has the reason of the first failed attempt', async () => {
    const limited = { code: 'UPSTREAM_RATE_LIMITED', status: 429, durationMs: 80 } as const;
    const attempts = [...outcome().attempts.map((attempt) => ({ ...attempt, ...limited })), ...outcome().attempts];
    expect(await lineOf(facts({ mode: 'stream' }), outcome({ attempts, timeToFirstTokenMs: 200 }))).toMatchObject({
      attempts: 2,
      failed: ['openai/gpt-4o openai#1 UPSTREAM_RATE_LIMITED 429 80 ms'],
      timeToFirstTokenMs: 200,
      msg: 'chatStream openai/gpt-4o ok in 812 ms',
    });
  });

  it('is one line on a terminal too, and begins with its sentence', async () => {
    const text = await told(facts(), outcome(), true);
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(text).toMatch(/INFO.*chat openai\/gpt-4o ok in 812 ms.*"requestId":"r-1"/);
  });

  it('has a level by its outcome', async () => {
    const codes = Object.keys(failureCodes) as (keyof typeof failureCodes)[];
    const lines = codes.map(async (code) => [code, (await lineOf(facts(), outcome({ code })))['level']] as const);
    const levels = Object.fromEntries(await Promise.all(lines));
    const [info, warn, error] = [30, 40, 50];
    expect(levels).toMatchObject({
      CANCELLED: info,
      INVALID_REQUEST: info,
      MODEL_NOT_ALLOWED: info,
      DUPLICATE_REQUEST: info,
      UPSTREAM_ERROR: warn,
      UPSTREAM_AUTHENTICATION: warn,
      TARGETS_EXHAUSTED: warn,
      INTERNAL: error,
    });
  });

  it('omits values that do not look like names', async () => {
    const words = 'tell me a secret';
    const line = await told(
      facts({ requestId: words, model: words, operation: words }),
      outcome({ model: words, provider: words }),
    );
    expect(line).not.toContain('secret');
    expect(JSON.parse(line)).toMatchObject({ requestId: '(no name)', model: '(no name)', operation: '(no name)' });
  });
});

describe('an error in the log', () => {
  it('has its class and place, and never its message', async () => {
    const thrown = (() => {
      try {
        return JSON.parse('canary-prompt\n    at canary (/x.ts:1:2)');
      } catch (error) {
        return error;
      }
    })();
    const wrapped = new TypeError('canary-answer', { cause: Object.assign(thrown as Error, { code: 'E_X' }) });
    for (const isTTY of [true, false]) {
      const text = await write(isTTY, (log) => log.error({ err: wrapped }, 'Something broke'));
      expect(text).not.toContain('canary');
      expect(text).toContain('TypeError');
      expect(text).toContain('E_X');
      expect(text).toContain('access-log.test.ts');
    }
  });
});
