import { z } from 'zod';
import { supportShape } from './features.ts';

/** The part of the schema that the checks rely on, requested and validated strictly. */

const text = z.string();
const name = z.string().min(1);
const tokens = z.int().nonnegative().nullable();

const identity = { id: name, provider: name, model: name, isSandbox: z.boolean() };
const ending = {
  finishReason: name,
  rawFinishReason: text.nullable(),
  usage: z.object({ inputTokens: tokens, outputTokens: tokens }).nullable(),
  cost: z.object({ total: z.number().nonnegative() }).nullable(),
};
const failure = { code: name, message: name };

const identityFields = 'id provider model isSandbox';
const endingFields = 'finishReason rawFinishReason usage { inputTokens outputTokens } cost { total }';

export const wholeDocument = `query Verify($input: ChatInput!) { chat(input: $input) { __typename
  ... on Completion { ${identityFields} text toolCalls { id name } ${endingFields} }
  ... on ChatFailure { code message } } }`;

export const wholeShape = z.object({
  chat: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('Completion'),
      ...identity,
      text,
      toolCalls: z.array(z.object({ id: name, name })),
      ...ending,
    }),
    z.object({ __typename: z.literal('ChatFailure'), ...failure }),
  ]),
});

export const streamDocument = `subscription Verify($input: ChatInput!) { chatStream(input: $input) { __typename
  ... on CompletionStarted { ${identityFields} }
  ... on ContentDelta { text }
  ... on ToolCallDelta { index id name }
  ... on CompletionFinished { ${endingFields} }
  ... on CompletionFailed { code message } } }`;

export const streamShape = z.object({
  chatStream: z.discriminatedUnion('__typename', [
    z.object({ __typename: z.literal('CompletionStarted'), ...identity }),
    z.object({ __typename: z.literal('ContentDelta'), text: name }),
    z.object({ __typename: z.enum(['ReasoningDelta', 'FileDelta', 'ServerToolEvent']) }),
    z.object({ __typename: z.literal('ToolCallDelta'), index: z.int().nonnegative(), id: name, name }),
    z.object({ __typename: z.literal('CompletionFinished'), ...ending }),
    z.object({ __typename: z.literal('CompletionFailed'), ...failure }),
  ]),
});

/** `more`: further fields of a model. */
export function listingDocument(more: string): string {
  return `{ providers { id status }
  models { id name status maxOutputTokens isSandbox provider { id } ${more} } }`;
}

export const listingShape = z.object({
  providers: z.array(z.object({ id: name, status: name })),
  models: z.array(
    z.object({
      id: name,
      name,
      status: name,
      maxOutputTokens: z.int().positive().nullable(),
      isSandbox: z.boolean(),
      provider: z.object({ id: name }),
      ...supportShape.partial().shape,
    }),
  ),
});

export type Listing = z.output<typeof listingShape>;
export type StreamResult = z.output<typeof streamShape>;
export type StreamEvent = StreamResult['chatStream'];
type Completed = Extract<z.output<typeof wholeShape>['chat'], { __typename: 'Completion' }>;

/** An answer, whole or collected from a stream. */
export type Answer = Omit<Completed, '__typename' | 'toolCalls'> & { readonly toolCalls: number };
