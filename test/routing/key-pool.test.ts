import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { localOnly } from '../../src/core/key-cooldowns.ts';
import { Secret } from '../../src/core/secret.ts';
import { createKeyPool, type KeyLease } from '../../src/routing/key-pool.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { policy } from '../support/memory-gateway.ts';

const minute = 60_000;

function ringOf(count: number) {
  const clock = createFakeClock();
  const lines: object[] = [];
  const ring = createKeyPool({
    provider: 'acme',
    secrets: Array.from({ length: count }, (_, index) => new Secret(`value-of-${index + 1}`)),
    cooldowns: policy.cooldowns,
    breaker: policy.breaker,
    clock,
    chance: () => 0,
    sharedCooldowns: localOnly,
    log: { info() {}, error() {}, warn: (fields) => void lines.push(fields) },
  });
  const turn = (model = 'm', tried: KeyLease[] = []): KeyLease => {
    const taken = ring.acquire(model, new Set(tried.map(({ key }) => key)));
    if (taken === undefined || taken instanceof GatewayError) throw taken ?? new Error('All were tried');
    return taken;
  };
  const nameOf = (model?: string) => {
    try {
      return turn(model).key.name;
    } catch (thrown) {
      return thrown instanceof GatewayError ? thrown.code : 'all tried';
    }
  };
  return { clock, ring, turn, nameOf, lines };
}

const limited = new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { status: 429 });
const down = new GatewayError('UPSTREAM_ERROR', 'x', { status: 500 });

describe('keys', () => {
  it('are used in turn', () => {
    const { nameOf } = ringOf(3);
    expect([nameOf(), nameOf(), nameOf(), nameOf()]).toEqual(['acme#1', 'acme#2', 'acme#3', 'acme#1']);
  });

  it('that were limited come last even when they are back', () => {
    const { nameOf, turn, clock } = ringOf(3);
    turn().onFailure(limited);
    clock.pass(minute);
    expect([nameOf(), nameOf(), nameOf(), nameOf()]).toEqual(['acme#2', 'acme#3', 'acme#2', 'acme#3']);
  });

  it('rest for as long as the provider says, or for a cool-down', () => {
    const { nameOf, turn, clock } = ringOf(1);
    turn().onFailure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 30_000 }));
    clock.pass(29_999);
    expect(nameOf()).toBe('UPSTREAM_RATE_LIMITED');
    clock.pass(1);
    turn().onFailure(limited);
    clock.pass(policy.cooldowns.rateLimitMs - 1);
    expect(nameOf()).toBe('UPSTREAM_RATE_LIMITED');
    clock.pass(1);
    expect(nameOf()).toBe('acme#1');
  });

  it('that are limited for one model serve the others', () => {
    const { nameOf, turn } = ringOf(1);
    turn('large').onFailure(limited);
    expect([nameOf('large'), nameOf('small')]).toEqual(['UPSTREAM_RATE_LIMITED', 'acme#1']);
  });

  it.each([
    ['a key that is refused as such', new GatewayError('UPSTREAM_AUTHENTICATION', 'x', { status: 401 }), 1],
    ['an account without money', new GatewayError('UPSTREAM_BILLING', 'x', { status: 429 }), 5],
  ])('rest for all models after %s', (_what, error, minutes) => {
    const { ring, nameOf, turn, clock } = ringOf(2);
    turn('large').onFailure(error);
    expect([nameOf('large'), nameOf('small'), nameOf('small')]).toEqual(['acme#2', 'acme#2', 'acme#2']);
    const other = turn('small');
    const bothTake = () => [nameOf('small'), ring.acquire('small', new Set([other.key]))];
    clock.pass(minutes * minute - 1);
    expect(bothTake()).toMatchObject(['acme#2', { code: error.code, retryAfterMs: 1 }]);
    clock.pass(1);
    expect(bothTake()).toMatchObject([expect.any(String), { key: { name: 'acme#1' } }]);
  });

  it('rest long for a limit that no wait helps against', () => {
    const { nameOf, turn, clock } = ringOf(1);
    turn().onFailure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryable: false }));
    clock.pass(5 * minute - 1);
    expect(nameOf()).toBe('UPSTREAM_RATE_LIMITED');
  });

  it('rest for one model after a 403, which is mostly about that', () => {
    const { nameOf, turn } = ringOf(1);
    turn('large').onFailure(new GatewayError('UPSTREAM_AUTHENTICATION', 'x', { status: 403 }));
    expect([nameOf('large'), nameOf('small')]).toEqual(['UPSTREAM_AUTHENTICATION', 'acme#1']);
  });

  it('are told by name in the log, and never by value', () => {
    const { turn, lines } = ringOf(2);
    turn().onFailure(limited);
    expect(lines).toEqual([
      { provider: 'acme', key: 'acme#1', model: 'm', code: 'UPSTREAM_RATE_LIMITED', restMs: 10_000 },
    ]);
  });

  it('say how long until the first of them is back', () => {
    const { turn, ring } = ringOf(2);
    turn().onFailure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 9000 }));
    turn().onFailure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 4000 }));
    expect(ring.acquire('m', new Set())).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterMs: 4000 });
  });

  it('that were all tried are no news', () => {
    const { ring, turn } = ringOf(1);
    expect(ring.acquire('m', new Set([turn().key]))).toBeUndefined();
  });
});

describe('a key that keeps failing', () => {
  it('is shut out for the model that fails, while the others go on', () => {
    const { nameOf, turn } = ringOf(2);
    const [first, second] = [turn(), turn()];
    for (let call = 0; call < 5; call++) first.onFailure(down);
    second.onSuccess();
    expect([nameOf(), nameOf()]).toEqual(['acme#2', 'acme#2']);
    expect([nameOf('other'), nameOf('other')].toSorted()).toEqual(['acme#1', 'acme#2']);
  });

  it.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
  ])('of %i, no more than %i are shut out at a time', (count, most) => {
    const { ring, turn } = ringOf(count);
    const turns: KeyLease[] = [];
    for (let key = 0; key < count; key++) turns.push(turn('m', turns));
    for (let call = 0; call < 20; call++) for (const one of turns) one.onFailure(down);
    const open = ring.health().keys.filter(({ cooldowns }) => cooldowns.some(({ status }) => status === 'open'));
    expect(open).toHaveLength(most);
  });

  it('is asked again by one call at a time, and serves as before when that is answered', () => {
    const { nameOf, turn, clock } = ringOf(1);
    const first = turn();
    for (let call = 0; call < 5; call++) first.onFailure(down);
    expect(nameOf()).toBe('UPSTREAM_UNAVAILABLE');
    clock.pass(policy.breaker.openMs);
    const probe = turn();
    expect(nameOf()).toBe('UPSTREAM_UNAVAILABLE');
    probe.onSuccess();
    expect([nameOf(), nameOf()]).toEqual(['acme#1', 'acme#1']);
  });

  it.each(['INVALID_REQUEST', 'UPSTREAM_REJECTED', 'CONTENT_FILTERED', 'MODEL_NOT_FOUND'] as const)(
    'is not one that answers %s: the fault is elsewhere',
    (code) => {
      const { nameOf, turn } = ringOf(1);
      for (let call = 0; call < 30; call++) turn().onFailure(new GatewayError(code, 'x'));
      expect(nameOf()).toBe('acme#1');
    },
  );

  it('is not one whose callers leave', () => {
    const { nameOf, turn } = ringOf(1);
    for (let call = 0; call < 30; call++) turn().onCancelled();
    expect(nameOf()).toBe('acme#1');
  });
});

describe('the health of a provider', () => {
  it('is READY as long as one key serves all models', () => {
    const { ring, turn } = ringOf(2);
    turn().onFailure(limited);
    expect(ring.health()).toMatchObject({
      status: 'ready',
      availableAt: undefined,
      keys: [
        { name: 'acme#1', cooldowns: [{ model: 'm', status: 'cooling_down', code: 'UPSTREAM_RATE_LIMITED' }] },
        { name: 'acme#2', cooldowns: [] },
      ],
    });
  });

  it('is COOLING_DOWN until the first of its keys is back', () => {
    const { ring, turn, clock } = ringOf(2);
    clock.pass(1000);
    turn().onFailure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 9000 }));
    turn().onFailure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 4000 }));
    expect(ring.health()).toMatchObject({ status: 'cooling_down', availableAt: new Date(5000) });
    clock.pass(4000);
    expect(ring.health().status).toBe('ready');
  });

  it('is OPEN when its one key is shut out', () => {
    const { ring, turn } = ringOf(1);
    const first = turn();
    for (let call = 0; call < 5; call++) first.onFailure(down);
    expect(ring.health()).toMatchObject({ status: 'open', availableAt: new Date(policy.breaker.openMs) });
  });

  it('forgets what is long ago, however many models callers make up', () => {
    const { ring, turn } = ringOf(1);
    for (let model = 0; model < 3000; model++) turn(`made-up-${model}`).onFailure(limited);
    expect(ring.health().keys[0]?.cooldowns).toHaveLength(1000);
  });
});
