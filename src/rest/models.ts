import { type Caller, mayUseModel, mayUseProvider } from '../core/caller.ts';
import type { Gateway } from '../core/gateway.ts';
import { type Model, type Route, routeId, routePrefix } from '../core/model.ts';
import { toModelDetails } from './model-details.ts';
import type { ModelObject } from './wire.ts';

/** The catalogue in OpenAI's shapes: only models that this caller can use now, for these shapes cannot say more. */

export function listModels(gateway: Gateway, caller: Caller): { object: 'list'; data: readonly ModelObject[] } {
  return {
    object: 'list',
    data: [
      ...availableModels(gateway, caller).map(toModelObject),
      ...allowedRoutes(gateway, caller).map(toRouteObject),
    ],
  };
}

export function findModel(gateway: Gateway, caller: Caller, id: string): ModelObject | undefined {
  return listModels(gateway, caller).data.find((model) => model.id === id);
}

/** Model names by provider: values for `provider` and `model` of a request. */
export function modelsByProvider(gateway: Gateway, caller: Caller): Readonly<Record<string, readonly string[]>> {
  const models = availableModels(gateway, caller);
  const routes = allowedRoutes(gateway, caller);
  return Object.fromEntries([
    ...gateway.providers
      .filter(({ id, access }) => access !== 'missing_key' && mayUseProvider(caller, id))
      .map(
        ({ id }) => [id, models.filter(({ provider }) => provider.id === id).map(({ facts }) => facts.name)] as const,
      ),
    ...(routes.length > 0 ? [[routePrefix, routes.map(({ name }) => name)] as const] : []),
  ]);
}

function availableModels({ models }: Gateway, caller: Caller): readonly Model[] {
  return models.filter(({ id, provider }) => provider.access !== 'missing_key' && mayUseModel(caller, id));
}

function allowedRoutes({ routes }: Gateway, caller: Caller): readonly Route[] {
  return routes.filter((route) => mayUseModel(caller, routeId(route)));
}

function toModelObject(model: Model): ModelObject {
  const { id, facts, provider } = model;
  // A month counts as its first day. A number is required, and OpenAI uses 0 for "unknown".
  const created = facts.released === undefined ? 0 : Date.parse(facts.released) / 1000;
  return { id, object: 'model', created, owned_by: provider.id, ...toModelDetails(model) };
}

function toRouteObject(route: Route): ModelObject {
  return { id: routeId(route), object: 'model', created: 0, owned_by: routePrefix };
}
