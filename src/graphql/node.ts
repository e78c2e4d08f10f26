import { mayUseModel, mayUseProvider } from '../core/caller.ts';
import { type Model, type Provider, type Route, routeId } from '../core/model.ts';
import { builder, type Context } from './builder.ts';

export type Entity = Model | Provider | Route;

/**
 * The entities of the schema, for clients that refetch by id. Ids are unique over all types as they are: a provider's has no
 * slash, a model's begins with its provider's, a route's with "route/". Answers are values: nothing can be fetched by their ids.
 */
export const NodeRef = builder.interfaceRef<Entity>('Node').implement({
  description: 'An entity that can be fetched again by its id.',
  resolveType: typeOfEntity,
  fields: (t) => ({
    id: t.id({ nullable: false, description: 'Its id, unique over all types.', resolve: idOf }),
  }),
});

export function typeOfEntity(entity: Entity): 'Model' | 'Provider' | 'Route' {
  if ('targets' in entity) return 'Route';
  return 'facts' in entity ? 'Model' : 'Provider';
}

function idOf(entity: Entity): string {
  return 'targets' in entity ? routeId(entity) : entity.id;
}

builder.queryField('node', (t) =>
  t.field({
    type: NodeRef,
    description: 'A model, a provider or a route by its id. Null where there is none that the caller may use.',
    args: { id: t.arg.id({ required: true, description: 'Its id: "openai/gpt-4o", "openai", "route/fast".' }) },
    resolve: (_root, { id }, context) => findEntity(id, context),
  }),
);

/** What the id names, if the caller may use it. */
export function findEntity(id: string, { gateway, caller }: Context): Entity | undefined {
  if (!id.includes('/')) {
    return mayUseProvider(caller, id) ? gateway.providers.find((provider) => provider.id === id) : undefined;
  }
  if (!mayUseModel(caller, id)) return undefined;
  return gateway.routes.find((route) => routeId(route) === id) ?? gateway.models.find((model) => model.id === id);
}
