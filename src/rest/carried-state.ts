import { isJsonObject, type JsonObject } from '../core/json-object.ts';
import { openState, sealState } from '../core/provider-state.ts';
import type { ReasoningDetail } from './wire.ts';

/**
 * A provider's state in fields that clients of other gateways know and send back: `reasoning_details` of OpenRouter, and
 * `extra_content` of Google's own OpenAI-compatible API.
 */

/** Details looked at in one message. */
const maxDetails = 1_000;

/** The state of an answer as OpenRouter has it. */
export function toReasoningDetails(providerState: string): readonly ReasoningDetail[] {
  return [{ type: 'reasoning.encrypted', data: providerState, id: null, format: 'unknown', index: 0 }];
}

/** The reasoning and the state of a message that came back. */
export function readReasoningDetails(details: unknown): {
  readonly reasoning: string;
  readonly providerState: string | undefined;
} {
  let reasoning = '';
  let providerState: string | undefined;
  for (const detail of Array.isArray(details) ? details.slice(0, maxDetails) : []) {
    const { type, text, data } = isJsonObject(detail) ? detail : {};
    if (type === 'reasoning.text' && typeof text === 'string') reasoning += text;
    if (type === 'reasoning.encrypted' && typeof data === 'string') providerState = data;
  }
  return { reasoning, providerState };
}

export type ExtraContent = { readonly google: { readonly thought_signature: string } };

export function toExtraContent(signature: string): ExtraContent {
  return { google: { thought_signature: signature } };
}

/** Signatures of an answer of Google's by the ids of its calls. Empty for any other answer. */
export function callSignatures(providerState: string | undefined): ReadonlyMap<string, string> {
  const state = openState('google', providerState);
  const calls = isJsonObject(state) && Array.isArray(state['calls']) ? state['calls'] : [];
  const pairs = calls.flatMap((call): [string, string][] => {
    const { id, signature } = isJsonObject(call) ? call : {};
    return typeof id === 'string' && typeof signature === 'string' ? [[id, signature]] : [];
  });
  return new Map(pairs);
}

/** The state in the signatures of calls that came back. Undefined without any. */
export function stateOfCalls(calls: unknown): string | undefined {
  const signed = (Array.isArray(calls) ? calls : []).flatMap((call) => {
    const { id, extra_content: extra } = isJsonObject(call) ? call : {};
    const signature = signatureIn(extra);
    return signature === undefined ? [] : [{ id, signature }];
  });
  return signed.length === 0 ? undefined : sealState('google', { text: [], calls: signed });
}

function signatureIn(extra: unknown): string | undefined {
  const { google } = isJsonObject(extra) ? extra : ({} as JsonObject);
  const { thought_signature: signature } = isJsonObject(google) ? google : {};
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
}
