import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failureCodes, GatewayError, toGatewayError } from '../../src/core/errors.ts';

describe('the table of failure codes', () => {
  it('equals that of docs/errors.md', () => {
    const manual = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const recoveries = { none: 'nothing', 'next-key': 'another key', 'next-target': 'another target' };
    for (const [code, { retryable, recovery, description }] of Object.entries(failureCodes)) {
      const row = `| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${recoveries[recovery]} | ${description} |`;
      expect(manual).toContain(row);
    }
  });
});

describe('a foreign error', () => {
  it('becomes INTERNAL without its message, with the error as its cause', () => {
    const defect = new TypeError('Cannot read properties of undefined (reading "prompt text")');
    const error = toGatewayError(defect);
    expect(error).toMatchObject({ code: 'INTERNAL', retryable: false, cause: defect });
    expect(error.message).not.toContain('prompt');
    expect(toGatewayError(error)).toBe(error);
  });
});

describe('a failure', () => {
  it('is as retryable as its code, unless the provider called it final', () => {
    expect(new GatewayError('UPSTREAM_RATE_LIMITED', 'x').retryable).toBe(true);
    expect(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryable: false }).retryable).toBe(false);
  });
});
