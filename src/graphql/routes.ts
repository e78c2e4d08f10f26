import { mayUseModel } from '../core/caller.ts';
import { type Route, type RouteTarget, routeId } from '../core/model.ts';
import { builder } from './builder.ts';
import { NodeRef } from './node.ts';

const RouteTargetRef = builder.objectRef<RouteTarget>('RouteTarget').implement({
  description: 'A target of a route.',
  fields: (t) => ({
    model: t.exposeString('model', { nullable: false, description: 'Its id: "openai/gpt-4o".' }),
    weight: t.exposeFloat('weight', {
      description: 'Its weight for being tried first, relative to the others. Null: the order decides.',
    }),
  }),
});

const RouteRef = builder.objectRef<Route>('Route').implement({
  interfaces: [NodeRef],
  description: 'Targets under one name, configured by the operator. Targets that are not tried first are fallbacks.',
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'The value for `ChatInput.model` and `fallbacks`: "route/fast".',
      resolve: routeId,
    }),
    targets: t.expose('targets', {
      type: [RouteTargetRef],
      nullable: { list: false, items: false },
      description: 'In order, or drawn by weight.',
    }),
  }),
});

builder.queryField('routes', (t) =>
  t.field({
    type: [RouteRef],
    nullable: { list: false, items: false },
    description: 'Configured routes that the caller may use.',
    resolve: (_root, _args, { gateway, caller }) =>
      gateway.routes.filter((route) => mayUseModel(caller, routeId(route))),
  }),
);
