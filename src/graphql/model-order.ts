import type { Model } from '../core/model.ts';
import { builder } from './builder.ts';

type Field = 'price' | 'contextWindow' | 'released';
export type ModelOrder = { field: Field; direction?: 'asc' | 'desc' | null | undefined };

const ModelOrderField = builder.enumType('ModelOrderField', {
  description: 'What models are ordered by.',
  values: {
    PRICE: { value: 'price', description: 'The price of a million input tokens and a million output tokens together.' },
    CONTEXT_WINDOW: { value: 'contextWindow', description: 'The context window, in tokens.' },
    RELEASED: { value: 'released', description: 'The release date.' },
  } as const,
});

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end comes first.',
  values: {
    ASC: { value: 'asc', description: 'The smallest or oldest first.' },
    DESC: { value: 'desc', description: 'The largest or newest first.' },
  } as const,
});

export const ModelOrderInput = builder.inputRef<ModelOrder>('ModelOrder').implement({
  description: 'An order of models. Models without the fact come last, and equal ones in the order of the catalogue.',
  fields: (t) => ({
    field: t.field({ type: ModelOrderField, required: true, description: 'What they are ordered by.' }),
    direction: t.field({ type: OrderDirection, description: 'Which end comes first. Default: ASC.' }),
  }),
});

const facts: Readonly<Record<Field, (model: Model) => string | number | undefined>> = {
  price: ({ pricing }) => pricing && pricing.input + pricing.output,
  contextWindow: ({ facts: { contextWindow } }) => contextWindow,
  released: ({ facts: { released } }) => released,
};

/** The models in an order. Without one as they are. */
export function inOrder(models: readonly Model[], order: ModelOrder | null | undefined): readonly Model[] {
  if (!order) return models;
  const factOf = facts[order.field];
  const sign = order.direction === 'desc' ? -1 : 1;
  const known = models.map((model) => ({ model, fact: factOf(model) }));
  return known
    .toSorted((a, b) => {
      if (a.fact === undefined || b.fact === undefined)
        return Number(a.fact === undefined) - Number(b.fact === undefined);
      return a.fact === b.fact ? 0 : a.fact < b.fact ? -sign : sign;
    })
    .map(({ model }) => model);
}
