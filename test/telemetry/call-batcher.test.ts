import { describe, expect, it } from 'vitest';
import { createCallBatcher, type EndedCall } from '../../src/telemetry/call-batcher.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { facts, outcome } from '../support/outcomes.ts';

function open() {
  const clock = createFakeClock();
  const defects: string[] = [];
  const log = { info() {}, warn() {}, error: (_fields: object, message: string) => void defects.push(message) };
  const counted: EndedCall[] = [];
  const broken = {
    count() {
      throw new Error('A counter that fails');
    },
  };
  const backlog = createCallBatcher(clock, log, [broken, { count: (call) => void counted.push(call) }]);
  const end = (requestId: string) => backlog.add({ facts: facts({ requestId }), outcome: outcome() });
  return { clock, backlog, end, defects, ids: () => counted.map(({ facts: { requestId } }) => requestId) };
}

describe('calls that have ended', () => {
  it('are counted a moment later, each once and in order', () => {
    const { clock, end, ids } = open();
    end('1');
    end('2');
    expect(ids()).toEqual([]);
    clock.pass(20);
    expect(ids()).toEqual(['1', '2']);
    end('3');
    clock.pass(1_000);
    expect(ids()).toEqual(['1', '2', '3']);
    expect(clock.waiting).toBe(0);
  });

  it('are counted at once before a read', () => {
    const { clock, backlog, end, ids } = open();
    end('1');
    backlog.flush();
    expect(ids()).toEqual(['1']);
    expect(clock.waiting).toBe(0);
    backlog.flush();
    expect(ids()).toEqual(['1']);
  });

  it('are counted by the other observers where one throws, and the log reports it', () => {
    const { backlog, end, defects, ids } = open();
    end('1');
    backlog.flush();
    expect(ids()).toEqual(['1']);
    expect(defects).toEqual(['requests could not be counted']);
  });
});
