import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import { type Model, type ModelFacts, type Provider, type Route, routePrefix, type Target } from '../core/model.ts';
import type { OperationRequest } from '../core/operation.ts';
import type { Random } from '../core/ports.ts';
import { createNameResolver, type ModelNames, noModelNames } from './model-names.ts';
import { drawTargets, unknownRoute } from './routes.ts';

export type Directory = {
  /** Ids of all providers, configured or not. */
  readonly providers: ReadonlySet<string>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly random: Random;
  /** The id that a caller's name for a model stands for. */
  toModelId(name: string): string;
  facts(provider: string, model: string): ModelFacts | undefined;
  /** Catalogue providers of a bare model name, for a hint. */
  providersOf(model: string): readonly string[];
};

/** The targets of a request in order: its model, then its fallbacks. A route stands for all of its targets. */
export function resolveTargets(request: OperationRequest, directory: Directory): readonly Target[] {
  const first = request.provider
    ? toTargets(request.provider, request.model, 'provider', directory)
    : parseModelId(request.model, 'model', directory);
  const fallbacks = request.fallbacks?.flatMap((model, index) => parseModelId(model, `fallbacks[${index}]`, directory));
  return [...first, ...(fallbacks ?? [])];
}

/** The request for one target: a route's parameters fill what the caller left open. */
export function withParameters(request: ChatRequest, { parameters }: Target): ChatRequest {
  if (!parameters) return request;
  const open = Object.entries(parameters).filter(([option]) => request[option as keyof ChatRequest] === undefined);
  return { ...request, ...Object.fromEntries(open) };
}

/** "anthropic/claude-x": the provider ends at the first slash, for a model name may contain more of them. */
function parseModelId(model: string, path: string, directory: Directory): readonly Target[] {
  const slash = model.indexOf('/');
  if (slash > 0 && slash < model.length - 1) {
    return toTargets(model.slice(0, slash), model.slice(slash + 1), path, directory);
  }
  const [provider] = directory.providersOf(model);
  const example = provider ? `${provider}/${model}` : 'openai/gpt-4o';
  const hint = `Write it as "provider/model", for example "${example}"`;
  const message = path === 'model' ? `${hint}, or give "provider" too.` : `${hint}.`;
  throw new GatewayError('INVALID_REQUEST', `${path}: ${message}`, { issues: [{ path, message }] });
}

function toTargets(provider: string, model: string, path: string, directory: Directory): readonly Target[] {
  if (provider !== routePrefix) return [toTarget(provider, model, path, directory)];
  const route = directory.routes.get(model);
  if (!route) throw unknownRoute(model, path, directory.routes.keys());
  return drawTargets(route, directory.random).flatMap(({ model: id, parameters }) =>
    parseModelId(id, path, directory).map((target) => ({ ...target, parameters })),
  );
}

function toTarget(provider: string, model: string, path: string, directory: Directory): Target {
  if (!directory.providers.has(provider)) {
    const known = [...directory.providers].join(', ');
    // The name is the caller's own text.
    const message = `Unknown provider ${JSON.stringify(provider.slice(0, 40))}. Known: ${known}.`;
    throw new GatewayError('UNKNOWN_PROVIDER', message, { issues: [{ path, message }] });
  }
  return { provider, model, facts: directory.facts(provider, model) };
}

export function createDirectory(
  models: readonly Model[],
  providers: readonly Provider[],
  routes: readonly Route[],
  random: Random,
  names: ModelNames = noModelNames,
): Directory {
  const toProvider = ({ provider }: Model) => provider.id;
  const available = models.filter(({ provider }) => provider.access !== 'missing_key');
  const byId = new Map(models.map((model) => [model.id, model.facts]));
  return {
    providers: new Set(providers.map(({ id }) => id)),
    routes: new Map(routes.map((route) => [route.name, route])),
    random,
    facts: (provider, model) => byId.get(`${provider}/${model}`),
    providersOf: (name) => models.filter(({ facts }) => facts.name === name).map(toProvider),
    toModelId: createNameResolver(names, (name) =>
      available.filter(({ facts }) => facts.name === name).map(toProvider),
    ),
  };
}
