import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import { toEvents } from '../../core/collect.ts';
import type { Citation, ProviderEvent } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { addCounts } from '../add-counts.ts';
import { generateCallId } from '../generated-call-id.ts';
import { lookUp, nonEmptyString, object, readJson, string, type WireObject } from '../read-json.ts';
import { decode, sealThinking, throwIfFailure, toCitation, toFinishReason, toRefusal, toUsage } from './decode.ts';

type OpenCall = {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  /** Input that came with the start of the block: it counts where no pieces follow. */
  readonly given: string;
  written: boolean;
};
type Block = Record<string, unknown> & { call?: OpenCall };

export function decodeStream(): StreamDecoder {
  let id: string | undefined;
  let rawFinishReason: string | undefined;
  let stopDetails: unknown;
  let usage: WireObject = {};
  let callCount = 0;
  let finished = false;
  const blocks = new Map<unknown, Block>();
  const citations: Citation[] = [];

  function push({ data }: ServerSentEvent): readonly ProviderEvent[] {
    if (finished || data.trim() === '' || data === '[DONE]') return [];
    const event = readJson(data);
    if (typeof event !== 'object' || event === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', 'anthropic sent an event that is not JSON.');
    }
    return read(object(event));
  }

  // `type` in the data decides: proxies drop the event line or rewrite it.
  function read(event: WireObject): readonly ProviderEvent[] {
    throwIfFailure(event);
    switch (event['type']) {
      case 'message': {
        // A whole answer: a server that does not stream.
        finished = true;
        return [...toEvents(decode(event))];
      }
      case 'message_start':
        return start(object(event['message']));
      case 'content_block_start':
        return openBlock(event['index'], object(event['content_block']));
      case 'content_block_delta':
        return extendBlock(blockAt(event['index'], object(event['delta'])), object(event['delta']));
      case 'content_block_stop':
        return closeBlock(blocks.get(event['index']));
      case 'message_delta': {
        const delta = object(event['delta']);
        rawFinishReason = nonEmptyString(delta['stop_reason']) ?? rawFinishReason;
        stopDetails = delta['stop_details'] ?? stopDetails;
        usage = addCounts(usage, object(event['usage']));
        return [];
      }
      case 'message_stop':
        return finish();
      default:
        return [];
    }
  }

  function start(message: WireObject): readonly ProviderEvent[] {
    const reported = nonEmptyString(message['id']);
    if (id !== undefined) {
      if (reported === undefined || reported === id) return [];
      throw new GatewayError('UPSTREAM_MALFORMED', 'anthropic began a second message inside the first.');
    }
    id = reported ?? '';
    usage = addCounts({}, object(message['usage']));
    return [{ type: 'started', id: reported, model: nonEmptyString(message['model']), created: undefined }];
  }

  function openBlock(index: unknown, block: WireObject): readonly ProviderEvent[] {
    const opened: Block = { ...block };
    blocks.set(index, opened);
    switch (block['type']) {
      case 'tool_use': {
        const index = callCount++;
        // Usually `{}`, filled by deltas; some servers send the whole input at once, or both.
        const hasInput = Object.keys(object(block['input'])).length > 0;
        opened.call = {
          index,
          id: nonEmptyString(block['id']) ?? generateCallId(id || undefined, index),
          name: nonEmptyString(block['name']) ?? '',
          given: hasInput ? JSON.stringify(block['input']) : '',
          written: false,
        };
        return [callDelta(opened.call, '')];
      }
      case 'text':
        return nonEmptyString(block['text']) ? [{ type: 'content', text: string(block['text']) ?? '' }] : [];
      case 'thinking':
        return nonEmptyString(block['thinking']) ? [{ type: 'reasoning', text: string(block['thinking']) ?? '' }] : [];
      default:
        return [];
    }
  }

  /** The block of a delta; one whose start was left out begins with its first delta. */
  function blockAt(index: unknown, delta: WireObject): Block | undefined {
    const known = blocks.get(index);
    const type = lookUp(blockTypes, nonEmptyString(delta['type']));
    if (known || type === undefined) return known;
    if (type === 'tool_use') throw new GatewayError('UPSTREAM_MALFORMED', 'anthropic sent a tool call without a name.');
    const begun: Block = { type };
    blocks.set(index, begun);
    return begun;
  }

  function extendBlock(block: Block | undefined, delta: WireObject): readonly ProviderEvent[] {
    if (!block) return [];
    switch (delta['type']) {
      case 'text_delta': {
        const piece = nonEmptyString(delta['text']);
        if (!piece || block['type'] !== 'text') return [];
        block['text'] = (string(block['text']) ?? '') + piece;
        return [{ type: 'content', text: piece }];
      }
      case 'thinking_delta': {
        const piece = nonEmptyString(delta['thinking']);
        if (!piece) return [];
        block['thinking'] = (string(block['thinking']) ?? '') + piece;
        return [{ type: 'reasoning', text: piece }];
      }
      case 'signature_delta':
        block['signature'] = (string(block['signature']) ?? '') + (string(delta['signature']) ?? '');
        return [];
      case 'input_json_delta': {
        const piece = nonEmptyString(delta['partial_json']);
        if (!piece || !block.call) return [];
        block.call.written = true;
        return [callDelta(block.call, piece)];
      }
      case 'citations_delta':
        citations.push(...toCitation(delta['citation']));
        return [];
      default:
        return [];
    }
  }

  function closeBlock(block: Block | undefined): readonly ProviderEvent[] {
    if (!block?.call || block.call.written) return [];
    block.call.written = true;
    return [callDelta(block.call, block.call.given || '{}')];
  }

  function finish(): readonly ProviderEvent[] {
    finished = true;
    if (id === undefined) throw truncated();
    const events = [...blocks.values()].flatMap(closeBlock);
    return [
      ...events,
      {
        type: 'finished',
        finishReason: toFinishReason(rawFinishReason),
        rawFinishReason,
        refusal: toRefusal(rawFinishReason, stopDetails),
        citations,
        usage: toUsage(usage),
        providerState: sealThinking([...blocks.values()]),
      },
    ];
  }

  function end(): readonly ProviderEvent[] {
    throw truncated();
  }

  return { push, end, usage: () => toUsage(usage) };
}

function callDelta({ index, id, name }: OpenCall, argumentsDelta: string): ProviderEvent {
  return { type: 'tool_call', index, id, name, argumentsDelta };
}

function truncated(): GatewayError {
  return new GatewayError('UPSTREAM_TRUNCATED', 'The stream of anthropic ended without message_stop.');
}

/** The type of a block, by that of its deltas. */
const blockTypes: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
  input_json_delta: 'tool_use',
};
