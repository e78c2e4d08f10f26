import type { ProviderEvent } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { generateCallId } from '../generated-call-id.ts';
import { createJsonBalance, type JsonBalance } from '../json-balance.ts';
import { nonEmptyString, object, string, tokenCount, type WireObject } from '../read-json.ts';
import { createStreamedArguments, type StreamedArguments } from '../streamed-arguments.ts';
import { callId } from './decode.ts';

type OpenCall = {
  readonly index: number;
  readonly id: string;
  name: string | undefined;
  readonly args: StreamedArguments;
  readonly balance: JsonBalance;
  /** Arguments that came before the name. */
  waiting: string;
};

/** One entry of `delta.tool_calls`. */
type Piece = {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly args: string;
};

export type CallReader = {
  read(deltas: readonly unknown[], answerId: string | undefined): readonly ProviderEvent[];
  count(): number;
  finish(): readonly ProviderEvent[];
};

/**
 * Assembles the deltas of tool calls. Servers disagree about what identifies a call: `index`, `id`, a name and the place in
 * the chunk may each be missing, constant or different in every piece. A call is complete when the stream is.
 */
export function createCallReader(provider: string): CallReader {
  const calls: OpenCall[] = [];
  const byIndex = new Map<number, OpenCall>();
  const byId = new Map<string, OpenCall>();
  const usedIds = new Set<string>();

  function readPiece(piece: Piece, position: number, isOnly: boolean, answerId: string | undefined) {
    const known = continued(piece, isOnly ? undefined : calls[position]);
    if (!known && isEmpty(piece)) return [];
    const call = known ?? open(piece, answerId);
    if (piece.index !== undefined) byIndex.set(piece.index, call);
    if (piece.id !== undefined && !byId.has(piece.id)) byId.set(piece.id, call);
    const wasNamed = call.name !== undefined;
    call.name ??= piece.name;
    call.balance.push(piece.args);
    call.waiting += call.args.push(piece.args);
    return call.name === undefined || (wasNamed && call.waiting === '') ? [] : [toDelta(call)];
  }

  /** The call that a piece continues; undefined for a piece that opens one. */
  function continued(piece: Piece, atPosition: OpenCall | undefined): OpenCall | undefined {
    const last = calls.at(-1);
    const indexed = piece.index === undefined ? undefined : byIndex.get(piece.index);
    const identified = piece.id === undefined ? undefined : byId.get(piece.id);
    // A name that differs, or comes again after complete arguments, opens a call whatever the piece says beside it.
    if (piece.name !== undefined) {
      const candidate = identified ?? indexed ?? (piece.index === undefined ? (atPosition ?? last) : undefined);
      if (!candidate || !canContinue(candidate, piece, candidate === identified)) return undefined;
      const isOther = piece.id !== undefined && !identified && piece.index === undefined;
      const isMoved = identified !== undefined && piece.index !== undefined && indexed !== identified;
      return isOther || isMoved ? undefined : candidate;
    }
    if (identified) return newest(identified, indexed);
    if (indexed) return indexed;
    if (piece.index === undefined) return piece.id === undefined ? (atPosition ?? last) : last;
    if (piece.id !== undefined) return undefined;
    // An index that was not seen before: the head of this call had another one.
    return last?.name !== undefined && !last.balance.isComplete() ? last : undefined;
  }

  /** Where calls share an id, the index distinguishes them. */
  function newest(identified: OpenCall, indexed: OpenCall | undefined): OpenCall {
    return indexed && indexed.index > identified.index ? indexed : identified;
  }

  function open({ id }: Piece, answerId: string | undefined): OpenCall {
    const index = calls.length;
    const isFree = id !== undefined && !usedIds.has(id);
    const call: OpenCall = {
      index,
      id: isFree ? id : generateCallId(answerId, index),
      name: undefined,
      args: createStreamedArguments(),
      balance: createJsonBalance(),
      waiting: '',
    };
    usedIds.add(call.id);
    calls.push(call);
    if (id !== undefined) byId.set(id, call);
    return call;
  }

  function finish(): readonly ProviderEvent[] {
    return calls.flatMap((call) => {
      if (call.name === undefined) {
        throw new GatewayError('UPSTREAM_MALFORMED', `${provider} sent a tool call without a name.`);
      }
      call.waiting += call.args.end();
      return call.waiting === '' ? [] : [toDelta(call)];
    });
  }

  return {
    read: (deltas, answerId) =>
      deltas.flatMap((delta, position) => readPiece(toPiece(object(delta)), position, deltas.length === 1, answerId)),
    count: () => calls.length,
    finish,
  };
}

/** Whether a piece with a name may belong to a call: it has none yet, or the same and arguments that are not complete. */
function canContinue(call: OpenCall, { id, name, args }: Piece, isIdentified: boolean): boolean {
  if (call.name === undefined) return true;
  if (call.name !== name) return false;
  return !call.balance.isComplete() || (args.trim() === '' && (id === undefined || isIdentified));
}

function isEmpty({ id, name, args }: Piece): boolean {
  return id === undefined && name === undefined && args === '';
}

function toPiece(wire: WireObject): Piece {
  const called = object(wire['function']);
  return {
    index: tokenCount(wire['index']),
    id: callId(wire['id']),
    name: nonEmptyString(called['name']),
    args: argumentsPiece(called['arguments']),
  };
}

function toDelta(call: OpenCall): ProviderEvent {
  const { index, id, name = '', waiting } = call;
  call.waiting = '';
  return { type: 'tool_call', index, id, name, argumentsDelta: waiting };
}

function argumentsPiece(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (string(value) ?? '');
}
