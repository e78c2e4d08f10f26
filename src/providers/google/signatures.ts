import type { Message } from '../../core/message.ts';
import { openState, sealState } from '../../core/provider-state.ts';
import { array, nonEmptyString, object, readJson, string } from '../read-json.ts';

/**
 * Thought signatures: encrypted reasoning on some parts of an answer. Each goes back with the next turn on its part,
 * and parts with one are not merged (ai.google.dev/gemini-api/docs/thought-signatures).
 */

export type Part = Record<string, unknown>;

/** Signed pieces of text by their length; calls by their id. */
type State = {
  readonly text: { length: number; readonly signature: string | undefined }[];
  readonly calls: { readonly id: string; readonly signature: string }[];
};

export type SignatureLog = {
  text(piece: string, signature: string | undefined): void;
  call(id: string, signature: string | undefined): void;
  /** State for the next turn; undefined without signatures. */
  seal(): string | undefined;
};

export function createSignatureLog(): SignatureLog {
  const state: State = { text: [], calls: [] };
  return {
    text(piece, signature) {
      const last = state.text.at(-1);
      if (signature === undefined && last && last.signature === undefined) last.length += piece.length;
      else if (signature !== undefined || piece !== '') state.text.push({ length: piece.length, signature });
    },
    call(id, signature) {
      if (signature !== undefined) state.calls.push({ id, signature });
    },
    seal() {
      const isSigned = state.calls.length > 0 || state.text.some(({ signature }) => signature !== undefined);
      return isSigned ? sealState('google', state) : undefined;
    },
  };
}

/** An assistant message as parts, signed as they were received. */
export function modelParts(message: Message & { role: 'assistant' }): Part[] {
  const state = openSignatures(message.providerState);
  const signatures = new Map(state.calls.map(({ id, signature }) => [id, signature]));
  return [
    ...textParts(message.text, state.text),
    ...message.toolCalls.map(({ id, name, arguments: args }) => ({
      functionCall: { id, name, args: object(readJson(args)) },
      ...sign(signatures.get(id)),
    })),
  ];
}

/** A text that differs from the signed one goes without signatures. */
function textParts(whole: string, pieces: State['text']): Part[] {
  const signedLength = pieces.reduce((sum, { length }) => sum + length, 0);
  if (pieces.length === 0 || signedLength !== whole.length) return whole === '' ? [] : [{ text: whole }];
  let from = 0;
  return pieces.map(({ length, signature }) => {
    const piece = whole.slice(from, from + length);
    from += length;
    return { text: piece, ...sign(signature) };
  });
}

function sign(thoughtSignature: string | undefined): Part {
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}

/** State comes from the caller and is not trusted: only lengths, ids and base64 pass. */
function openSignatures(providerState: string | undefined): State {
  const state = object(openState('google', providerState));
  return {
    text: array(state['text']).flatMap((entry) => {
      const { length, signature } = object(entry);
      return typeof length === 'number' && length >= 0 ? [{ length, signature: toSignature(signature) }] : [];
    }),
    calls: array(state['calls']).flatMap((entry) => {
      const call = object(entry);
      const [id, signature] = [nonEmptyString(call['id']), toSignature(call['signature'])];
      return id && signature ? [{ id, signature }] : [];
    }),
  };
}

const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

function toSignature(value: unknown): string | undefined {
  const signature = string(value);
  return signature !== undefined && base64.test(signature) ? signature : undefined;
}

/** Google's placeholder for a call without a signature, because another model made it. */
const noSignature = 'skip_thought_signature_validator';

/** Gemini 3 requires a signature on the first call of a turn; parallel calls go without. */
export function signFirstCall(parts: readonly Part[]): void {
  const first = parts.find((part) => part['functionCall'] !== undefined);
  if (first) first['thoughtSignature'] ??= noSignature;
}
