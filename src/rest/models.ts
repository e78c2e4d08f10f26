import type { Gateway } from '../core/gateway.ts';
import { type Model, type Route, routeWord } from '../core/model.ts';
import type { ModelObject } from './wire.ts';

/** The catalogue in OpenAI's shapes: only models that can be asked now, for these shapes have no word for others. */

export function listModels(gateway: Gateway): { object: 'list'; data: readonly ModelObject[] } {
  return {
    object: 'list',
    data: [...availableModels(gateway).map(toModelObject), ...gateway.routes.map(toRouteObject)],
  };
}

export function findModel(gateway: Gateway, id: string): ModelObject | undefined {
  return listModels(gateway).data.find((model) => model.id === id);
}

/** Names of models by provider: what `provider` and `model` of a request may be. */
export function modelsByProvider(gateway: Gateway): Readonly<Record<string, readonly string[]>> {
  const models = availableModels(gateway);
  const { routes } = gateway;
  return Object.fromEntries([
    ...gateway.providers
      .filter(({ access }) => access !== 'missing_key')
      .map(
        ({ id }) => [id, models.filter(({ provider }) => provider.id === id).map(({ facts }) => facts.name)] as const,
      ),
    ...(routes.length > 0 ? [[routeWord, routes.map(({ name }) => name)] as const] : []),
  ]);
}

function availableModels({ models }: Gateway): readonly Model[] {
  return models.filter(({ provider }) => provider.access !== 'missing_key');
}

function toModelObject({ id, facts, provider }: Model): ModelObject {
  // A month stands for its first day. A number has to be there, and 0 is OpenAI's own for "not told".
  const created = facts.released === undefined ? 0 : Date.parse(facts.released) / 1000;
  return { id, object: 'model', created, owned_by: provider.id };
}

function toRouteObject({ name }: Route): ModelObject {
  return { id: `${routeWord}/${name}`, object: 'model', created: 0, owned_by: routeWord };
}
