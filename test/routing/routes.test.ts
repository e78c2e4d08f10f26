import { describe, expect, it } from 'vitest';
import { targetParameters } from '../../src/core/chat.ts';
import type { Route } from '../../src/core/model.ts';
import { drawTargets } from '../../src/routing/routes.ts';
import { openMemoryGateway, outcomeOf } from '../support/memory-gateway.ts';
import { seededChance } from '../support/seeded-chance.ts';

type Listed = readonly [model: string, weight?: number | undefined, parameters?: object];

function route(name: string, ...targets: Listed[]): Route {
  return {
    name,
    targets: targets.map(([model, weight, parameters = {}]) => ({
      model,
      weight,
      parameters: targetParameters.parse(parameters),
    })),
  };
}

const routes = [
  route('fast', ['acme/a', undefined, { temperature: 0.1, maxTokens: 5 }], ['best/b', undefined, { maxTokens: 9 }]),
  route('spread', ['acme/a', 3], ['best/b', 1]),
];
const providers = { acme: [], best: [] };

describe('a route', () => {
  it('is used like a model, and attempts its targets in order', async () => {
    const { gateway } = openMemoryGateway({
      providers,
      routes,
      answer: ({ provider }) => (provider === 'acme' ? { status: 500 } : {}),
    });
    const attempts = ['acme/a UPSTREAM_ERROR 500', 'best/b OK 200'];
    expect(await outcomeOf(gateway, { model: 'route/fast' })).toMatchObject({ attempts });
    expect(await outcomeOf(gateway, { provider: 'route', model: 'fast' })).toMatchObject({ attempts });
  });

  it('may be a fallback', async () => {
    const { gateway } = openMemoryGateway({
      providers,
      routes,
      answer: ({ provider }) => (provider === 'acme' ? { status: 500 } : {}),
    });
    expect(await outcomeOf(gateway, { model: 'acme/x', fallbacks: ['route/fast'] })).toMatchObject({
      attempts: ['acme/x UPSTREAM_ERROR 500', 'acme/a UPSTREAM_ERROR 500', 'best/b OK 200'],
    });
  });

  it('sets for each target what the caller left open, and nothing else', async () => {
    const { gateway, sent } = openMemoryGateway({ providers, routes, answer: () => ({ status: 400, headers: {} }) });
    await outcomeOf(gateway, { model: 'route/fast' });
    await outcomeOf(gateway, { model: 'route/fast', maxTokens: 7, temperature: 0 });
    await outcomeOf(gateway, { model: 'acme/a' });
    expect(sent.map(({ body: { temperature, max_tokens } }) => ({ temperature, max_tokens }))).toEqual([
      { temperature: 0.1, max_tokens: 5 },
      { temperature: 0, max_tokens: 7 },
      { temperature: undefined, max_tokens: undefined },
    ]);
  });

  it('that is not configured is refused with the names of known ones', async () => {
    const { gateway } = openMemoryGateway({ providers, routes });
    expect(await outcomeOf(gateway, { model: 'route/nope' })).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: 'Unknown route "nope". Known: route/fast, route/spread.',
      attempts: [],
    });
    const bare = openMemoryGateway({ providers });
    expect(await outcomeOf(bare.gateway, { model: 'route/nope' })).toMatchObject({
      message: expect.stringContaining('No route is configured'),
    });
  });

  it('with weights tries each target first in proportion to its weight, and then the others', () => {
    const chance = seededChance(7);
    const three = route('three', ['acme/a', 6], ['best/b', 3], ['best/c', 1]);
    const firsts = new Map<string, number>();
    for (let call = 0; call < 10_000; call++) {
      const drawn = drawTargets(three, chance).map(({ model }) => model);
      expect(drawn.toSorted()).toEqual(['acme/a', 'best/b', 'best/c']);
      firsts.set(String(drawn[0]), (firsts.get(String(drawn[0])) ?? 0) + 1);
    }
    expect(firsts.get('acme/a')).toBeGreaterThan(5800);
    expect(firsts.get('acme/a')).toBeLessThan(6200);
    expect(firsts.get('best/c')).toBeGreaterThan(900);
    expect(firsts.get('best/c')).toBeLessThan(1100);
  });
});
