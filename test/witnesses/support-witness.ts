import type { Mode } from '../../src/core/adapter.ts';
import type { Conversation } from './support-conversations.ts';
import type { View } from './support-readers.ts';

/** A vendor's own SDK as the reference for this vendor's wire. */
export type Witness = {
  /** The wire, by its name in wires.ts. */
  readonly id: string;
  /** The model of a conversation, in our form and in the SDK's: some features exist on some models only. */
  model(conversation: Conversation): string;
  /** The call that a user of the SDK writes. Missing where the vendor has no such feature. */
  readonly calls: { readonly [conversation in Conversation]?: (mode: Mode) => Promise<View> };
  /** Accepted differences of the bodies. One that never occurs fails the test: it is obsolete. */
  readonly differences: readonly Difference[];
  /** Headers of ours that the SDK sends with another value, and why. */
  readonly headers?: Readonly<Record<string, string>>;
};

export type Body = Record<string, unknown>;

export type Difference = {
  readonly why: string;
  /** The side whose body is normalized. */
  readonly of: 'sdk' | 'ours';
  change(body: Body): Body;
};

/** One call for each conversation that the vendor supports. */
export function toCalls<Params>(
  natural: { readonly [conversation in Conversation]?: Params },
  ask: (params: Params, mode: Mode, conversation: Conversation) => Promise<View>,
): Witness['calls'] {
  const entries = Object.entries(natural) as [Conversation, Params][];
  return Object.fromEntries(
    entries.map(([conversation, params]) => [conversation, (mode: Mode) => ask(params, mode, conversation)]),
  );
}

export function without(body: Body, ...fields: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([field]) => !fields.includes(field)));
}

/** The body with its messages changed, one by one. */
export function withMessages(body: Body, change: (message: Body) => Body): Body {
  return { ...body, messages: (body['messages'] as Body[]).map(change) };
}

export function withoutNullContent(message: Body): Body {
  return message['content'] === null ? without(message, 'content') : message;
}

export function withoutFalseStream(body: Body): Body {
  return body['stream'] === false ? without(body, 'stream') : body;
}
