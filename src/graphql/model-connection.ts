import { GraphQLError } from 'graphql';
import type { Model } from '../core/model.ts';
import { builder } from './builder.ts';
import { createModelFilter } from './model-filter.ts';
import { inOrder, ModelOrderInput } from './model-order.ts';
import { allowedModels, ModelFilterInput, ModelRef } from './models.ts';

/** Pages of the catalogue, as Relay's cursor connections have them. */

const defaultPage = 20;
export const largestPage = 100;

type Page = { readonly models: readonly Model[]; readonly begin: number; readonly end: number };

const PageInfoRef = builder.objectRef<Page>('PageInfo').implement({
  description: 'Where a page is in its list.',
  fields: (t) => ({
    hasNextPage: t.boolean({
      nullable: false,
      description: 'Whether more follow.',
      resolve: ({ models, end }) => end < models.length,
    }),
    hasPreviousPage: t.boolean({
      nullable: false,
      description: 'Whether some come before.',
      resolve: ({ begin }) => begin > 0,
    }),
    startCursor: t.string({
      description: 'The cursor of the first edge. Null for an empty page.',
      resolve: ({ models, begin, end }) => (begin < end ? toCursor(models[begin]) : null),
    }),
    endCursor: t.string({
      description: 'The cursor of the last edge, for `after`. Null for an empty page.',
      resolve: ({ models, begin, end }) => (begin < end ? toCursor(models[end - 1]) : null),
    }),
  }),
});

const ModelEdgeRef = builder.objectRef<Model>('ModelEdge').implement({
  description: 'A model on a page.',
  fields: (t) => ({
    cursor: t.string({ nullable: false, description: 'Its place, for `after`.', resolve: toCursor }),
    node: t.field({ type: ModelRef, nullable: false, description: 'The model.', resolve: (model) => model }),
  }),
});

const ModelConnectionRef = builder.objectRef<Page>('ModelConnection').implement({
  description: 'A page of models.',
  fields: (t) => ({
    edges: t.field({
      type: [ModelEdgeRef],
      nullable: { list: false, items: false },
      description: 'The models of this page.',
      resolve: ({ models, begin, end }) => models.slice(begin, end),
    }),
    pageInfo: t.field({
      type: PageInfoRef,
      nullable: false,
      description: 'Where the page is.',
      resolve: (page) => page,
    }),
    totalCount: t.int({
      nullable: false,
      description: 'The number of models on all pages.',
      resolve: ({ models }) => models.length,
    }),
  }),
});

builder.queryField('modelsConnection', (t) =>
  t.field({
    type: ModelConnectionRef,
    nullable: false,
    description: 'The models of `models` in pages, for clients that page (Relay).',
    args: {
      first: t.arg.int({ description: `Models on the page, 1 to ${largestPage}. Default: ${defaultPage}.` }),
      after: t.arg.string({ description: 'The cursor that the page follows. Default: the beginning.' }),
      filter: t.arg({ type: ModelFilterInput, description: 'Only models that meet these conditions. Default: all.' }),
      orderBy: t.arg({ type: ModelOrderInput, description: 'Their order. Default: that of the catalogue.' }),
    },
    resolve: (_root, { first, after, filter, orderBy }, context) => {
      const size = first ?? defaultPage;
      if (size < 1 || size > largestPage) throw badInput(`first: expected 1 to ${largestPage}, got ${size}.`);
      const models = inOrder(allowedModels(context).filter(createModelFilter(filter ?? {})), orderBy);
      const id = after && Buffer.from(after, 'base64url').toString();
      const begin = after ? models.findIndex((model) => model.id === id) + 1 : 0;
      if (after && begin === 0)
        throw badInput('after: no model of this list has this cursor. Take `endCursor` of a page.');
      return { models, begin, end: Math.min(models.length, begin + size) };
    },
  }),
);

/** A cursor is a place in a list that may change: it names the model there. */
function toCursor(model: Model | undefined): string {
  return Buffer.from(model?.id ?? '').toString('base64url');
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
