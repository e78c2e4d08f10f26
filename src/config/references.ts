import { type Api, routePrefix } from '../core/model.ts';
import { baseUrlVariable } from './env-names.ts';
import type { FileConfig } from './schema.ts';

/** Checks that one part of the file does not contradict another, or what is built in. */
export type BrokenReference = { readonly path: readonly string[]; readonly message: string };

/** What the configuration knows of a built-in provider. `apis`: the APIs it offers, where there is a choice. */
export type BuiltIn = { readonly id: string; readonly baseUrl: string; readonly apis?: readonly Api[] };

export function brokenReferences(
  { providers, routes, models, timeouts, prices, callers, jwt }: FileConfig,
  builtIn: readonly BuiltIn[],
): BrokenReference[] {
  const known = new Set([...builtIn.map(({ id }) => id), ...Object.keys(providers)]);
  const unknown = (name: string) => `unknown provider "${name}"; known: ${[...known].join(', ')}`;
  const broken: BrokenReference[] = [];
  for (const [id, { kind }] of Object.entries(providers)) {
    const path = ['providers', id];
    const own = builtIn.find((one) => one.id === id);
    if (own && kind) broken.push({ path, message: `is built in; set ${baseUrlVariable(id)} instead` });
    else if (own && !own.apis) broken.push({ path, message: 'has only one API, so there is nothing to set' });
    else if (!own && !kind) broken.push({ path, message: 'is not built in; give its kind: openai-compatible' });
    if (id === routePrefix) broken.push({ path, message: 'this name is reserved for routes; choose another one' });
  }
  for (const [name, targets] of Object.entries(routes)) {
    for (const [index, { model }] of targets.entries()) {
      const path = ['routes', name, String(index)];
      const [provider = '', ...rest] = model.split('/');
      if (provider === routePrefix) broken.push({ path, message: 'a route cannot contain another route' });
      else if (rest.join('/') === '') broken.push({ path, message: 'expected "provider/model"' });
      else if (!known.has(provider)) broken.push({ path, message: unknown(provider) });
    }
  }
  for (const [name, id] of Object.entries(models.aliases)) {
    const path = ['models', 'aliases', name];
    const [provider = '', ...rest] = id.split('/');
    const model = rest.join('/');
    if (id.endsWith('*') && !name.endsWith('*'))
      broken.push({ path, message: 'only a name with "*" can stand for one' });
    else if (provider === routePrefix) {
      if (!Object.hasOwn(routes, model)) broken.push({ path, message: `no route "${model}"` });
    } else if (model === '') broken.push({ path, message: 'expected "provider/model"' });
    else if (!known.has(provider)) broken.push({ path, message: unknown(provider) });
  }
  for (const target of Object.keys(timeouts.for)) {
    const [provider = ''] = target.split('/', 1);
    if (!known.has(provider)) broken.push({ path: ['timeouts', 'for', target], message: unknown(provider) });
  }
  for (const model of Object.keys(prices)) {
    const [provider = '', ...rest] = model.split('/');
    const path = ['prices', model];
    if (rest.join('/') === '') broken.push({ path, message: 'expected "provider/model"' });
    else if (!known.has(provider)) broken.push({ path, message: unknown(provider) });
  }
  const patterns = [
    ...callers.map(({ models }, index) => [['callers', String(index), 'models'], models] as const),
    [['jwt', 'models'], jwt?.models] as const,
  ];
  for (const [path, models = []] of patterns) {
    for (const [index, model] of models.entries()) {
      const message = problemOfPattern(model, known, routes);
      if (message) broken.push({ path: [...path, String(index)], message });
    }
  }
  return broken;
}

/** A caller whose pattern matches nothing could use no model, and would learn it by its first request. */
function problemOfPattern(
  pattern: string,
  known: ReadonlySet<string>,
  routes: FileConfig['routes'],
): string | undefined {
  const [provider = '', name = ''] = pattern.split('/', 2);
  if (provider !== routePrefix) {
    return known.has(provider)
      ? undefined
      : `"${pattern}" matches no provider; known: ${[...known, routePrefix].join(', ')}`;
  }
  const names = Object.keys(routes);
  if (name === '*' ? names.length > 0 : names.includes(name)) return undefined;
  return `"${pattern}" matches no route; known: ${names.join(', ') || 'none'}`;
}
