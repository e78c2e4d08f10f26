import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { localOnly } from '../../src/core/key-cooldowns.ts';
import { cancelled, failure, success } from '../../src/core/outcome.ts';
import { Secret } from '../../src/core/secret.ts';
import { createKeyPool, type KeyLease } from '../../src/routing/key-pool.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { policy } from '../support/memory-gateway.ts';

const minute = 60_000;

function poolOf(count: number) {
  const clock = createFakeClock();
  const lines: object[] = [];
  const pool = createKeyPool({
    provider: 'acme',
    secrets: Array.from({ length: count }, (_, index) => new Secret(`value-of-${index + 1}`)),
    cooldowns: policy.cooldowns,
    breaker: policy.breaker,
    clock,
    random: () => 0,
    sharedCooldowns: localOnly,
    log: { info() {}, error() {}, warn: (fields) => void lines.push(fields) },
  });
  const lease = (model = 'm', tried: KeyLease[] = [], caller = 'web'): KeyLease => {
    const taken = pool.acquire(model, new Set(tried.map(({ key }) => key)), caller);
    if (taken === undefined || taken instanceof GatewayError) throw taken ?? new Error('All were tried');
    return taken;
  };
  const nameOf = (model?: string) => {
    try {
      return lease(model).key.name;
    } catch (thrown) {
      return thrown instanceof GatewayError ? thrown.code : 'all tried';
    }
  };
  return { clock, pool, lease, nameOf, lines };
}

const limited = failure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { status: 429 }));
const down = failure(new GatewayError('UPSTREAM_ERROR', 'x', { status: 500 }));

describe('keys', () => {
  it('are used least recently used first', () => {
    const { nameOf } = poolOf(3);
    expect([nameOf(), nameOf(), nameOf(), nameOf()]).toEqual(['acme#1', 'acme#2', 'acme#3', 'acme#1']);
  });

  it('that were limited come last after their cooldown', () => {
    const { nameOf, lease, clock } = poolOf(3);
    lease().settle(limited);
    clock.pass(minute);
    expect([nameOf(), nameOf(), nameOf(), nameOf()]).toEqual(['acme#2', 'acme#3', 'acme#2', 'acme#3']);
  });

  it('cool down for Retry-After, or for the default time', () => {
    const { nameOf, lease, clock } = poolOf(1);
    lease().settle(failure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 30_000 })));
    clock.pass(29_999);
    expect(nameOf()).toBe('UPSTREAM_RATE_LIMITED');
    clock.pass(1);
    lease().settle(limited);
    clock.pass(policy.cooldowns.rateLimitMs - 1);
    expect(nameOf()).toBe('UPSTREAM_RATE_LIMITED');
    clock.pass(1);
    expect(nameOf()).toBe('acme#1');
  });

  it('that are limited for one model serve the others', () => {
    const { nameOf, lease } = poolOf(1);
    lease('large').settle(limited);
    expect([nameOf('large'), nameOf('small')]).toEqual(['UPSTREAM_RATE_LIMITED', 'acme#1']);
  });

  it.each([
    ['a key that is refused as such', new GatewayError('UPSTREAM_AUTHENTICATION', 'x', { status: 401 }), 1],
    ['an account without money', new GatewayError('UPSTREAM_BILLING', 'x', { status: 429 }), 5],
  ])('rest for all models after %s', (_what, error, minutes) => {
    const { pool, nameOf, lease, clock } = poolOf(2);
    lease('large').settle(failure(error));
    expect([nameOf('large'), nameOf('small'), nameOf('small')]).toEqual(['acme#2', 'acme#2', 'acme#2']);
    const other = lease('small');
    const bothTake = () => [nameOf('small'), pool.acquire('small', new Set([other.key]), 'web')];
    clock.pass(minutes * minute - 1);
    expect(bothTake()).toMatchObject(['acme#2', { code: error.code, retryAfterMs: 1 }]);
    clock.pass(1);
    expect(bothTake()).toMatchObject([expect.any(String), { key: { name: 'acme#1' } }]);
  });

  it('cool down long for a quota that does not reset soon', () => {
    const { nameOf, lease, clock } = poolOf(1);
    lease().settle(failure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryable: false })));
    clock.pass(5 * minute - 1);
    expect(nameOf()).toBe('UPSTREAM_RATE_LIMITED');
  });

  it('cool down for one model after a 403, which is mostly about the model', () => {
    const { nameOf, lease } = poolOf(1);
    lease('large').settle(failure(new GatewayError('UPSTREAM_AUTHENTICATION', 'x', { status: 403 })));
    expect([nameOf('large'), nameOf('small')]).toEqual(['UPSTREAM_AUTHENTICATION', 'acme#1']);
  });

  it('are logged by name, never by value', () => {
    const { lease, lines } = poolOf(2);
    lease().settle(limited);
    expect(lines).toEqual([
      { provider: 'acme', key: 'acme#1', model: 'm', code: 'UPSTREAM_RATE_LIMITED', cooldownMs: 10_000 },
    ]);
  });

  it('have the time until the first of them is available', () => {
    const { lease, pool } = poolOf(2);
    lease().settle(failure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 9000 })));
    lease().settle(failure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 4000 })));
    expect(pool.acquire('m', new Set(), 'web')).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterMs: 4000 });
  });

  it('that were all tried log nothing', () => {
    const { pool, lease } = poolOf(1);
    expect(pool.acquire('m', new Set([lease().key]), 'web')).toBeUndefined();
  });
});

describe('a failing key', () => {
  it('has an open breaker for the failing model, while the others are used', () => {
    const { nameOf, lease } = poolOf(2);
    const pairs = Array.from({ length: 5 }, () => [lease(), lease()] as const);
    for (const [first, second] of pairs) {
      first.settle(down);
      second.settle(success);
    }
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
    const { pool, lease } = poolOf(count);
    const rounds = Array.from({ length: 20 }, () => {
      const leases: KeyLease[] = [];
      for (let key = 0; key < count; key++) leases.push(lease('m', leases));
      return leases;
    });
    for (const leases of rounds) for (const one of leases) one.settle(down);
    const open = pool.health().keys.filter(({ cooldowns }) => cooldowns.some(({ status }) => status === 'open'));
    expect(open).toHaveLength(most);
  });

  it('is probed by one call at a time, and is used again after a success', () => {
    const { nameOf, lease, clock } = poolOf(1);
    for (let call = 0; call < 5; call++) lease().settle(down);
    expect(nameOf()).toBe('UPSTREAM_UNAVAILABLE');
    clock.pass(policy.breaker.openMs);
    const probe = lease();
    expect(nameOf()).toBe('UPSTREAM_UNAVAILABLE');
    probe.settle(success);
    expect([nameOf(), nameOf()]).toEqual(['acme#1', 'acme#1']);
  });

  it.each(['INVALID_REQUEST', 'UPSTREAM_REJECTED', 'CONTENT_FILTERED', 'MODEL_NOT_FOUND'] as const)(
    'is not one that answers %s: the fault is elsewhere',
    (code) => {
      const { nameOf, lease } = poolOf(1);
      for (let call = 0; call < 30; call++) lease().settle(failure(new GatewayError(code, 'x')));
      expect(nameOf()).toBe('acme#1');
    },
  );

  it('is not one whose clients disconnect', () => {
    const { nameOf, lease } = poolOf(1);
    for (let call = 0; call < 30; call++) lease().settle(cancelled);
    expect(nameOf()).toBe('acme#1');
  });
});

describe('the health of a provider', () => {
  it('is READY as long as one key is usable for all models', () => {
    const { pool, lease } = poolOf(2);
    lease().settle(limited);
    expect(pool.health()).toMatchObject({
      status: 'ready',
      availableAt: undefined,
      keys: [
        { name: 'acme#1', cooldowns: [{ model: 'm', status: 'cooling_down', code: 'UPSTREAM_RATE_LIMITED' }] },
        { name: 'acme#2', cooldowns: [] },
      ],
    });
  });

  it('is COOLING_DOWN until the first of its keys is back', () => {
    const { pool, lease, clock } = poolOf(2);
    clock.pass(1000);
    lease().settle(failure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 9000 })));
    lease().settle(failure(new GatewayError('UPSTREAM_RATE_LIMITED', 'x', { retryAfterMs: 4000 })));
    expect(pool.health()).toMatchObject({ status: 'cooling_down', availableAt: new Date(5000) });
    clock.pass(4000);
    expect(pool.health().status).toBe('ready');
  });

  it('is OPEN when the breaker of its only key is open', () => {
    const { pool, lease } = poolOf(1);
    for (let call = 0; call < 5; call++) lease().settle(down);
    expect(pool.health()).toMatchObject({ status: 'open', availableAt: new Date(policy.breaker.openMs) });
  });

  it('evicts old entries, for any number of made-up models', () => {
    const { pool, lease } = poolOf(1);
    for (let model = 0; model < 3000; model++) lease(`made-up-${model}`).settle(limited);
    expect(pool.health().keys[0]?.cooldowns).toHaveLength(1000);
  });
});
