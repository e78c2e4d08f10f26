import { mayUseModel } from '../core/caller.ts';
import { type Route, type RouteTarget, routeId } from '../core/model.ts';
import { builder } from './builder.ts';

const RouteTargetRef = builder.objectRef<RouteTarget>('RouteTarget').implement({
  description: 'A model of a route.',
  fields: (t) => ({
    model: t.exposeString('model', { nullable: false, description: 'Its id: "openai/gpt-4o".' }),
    weight: t.exposeFloat('weight', {
      description:
        'Its share of the calls that ask it first, beside the weights of the others. Null: the order decides.',
    }),
  }),
});

const RouteRef = builder.objectRef<Route>('Route').implement({
  description:
    'Models under one name, chosen by whoever runs this gateway. Those that are not asked first are fallbacks.',
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'What `ChatInput.model` and `fallbacks` take: "route/fast".',
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
    description: 'Names that stand for several models, as far as the caller may ask them.',
    resolve: (_root, _args, { gateway, caller }) =>
      gateway.routes.filter((route) => mayUseModel(caller, routeId(route))),
  }),
);
