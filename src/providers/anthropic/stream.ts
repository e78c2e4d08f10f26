import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import type { Citation, ProviderEvent } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { generateCallId } from '../generated-call-id.ts';
import { nonEmptyString, object, readJson, string, type WireObject } from '../read-json.ts';
import { sealThinking, throwIfFailure, toCitation, toFinishReason, toRefusal, toUsage } from './decode.ts';

type OpenCall = { readonly index: number; readonly id: string; readonly name: string; written: boolean };
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
      case 'message_start':
        return start(object(event['message']));
      case 'content_block_start':
        return openBlock(event['index'], object(event['content_block']));
      case 'content_block_delta':
        return extendBlock(blocks.get(event['index']), object(event['delta']));
      case 'content_block_stop':
        return closeBlock(blocks.get(event['index']));
      case 'message_delta': {
        const delta = object(event['delta']);
        rawFinishReason = nonEmptyString(delta['stop_reason']) ?? rawFinishReason;
        stopDetails = delta['stop_details'] ?? stopDetails;
        usage = { ...usage, ...withoutNulls(object(event['usage'])) };
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
    usage = withoutNulls(object(message['usage']));
    return [{ type: 'started', id: reported, model: nonEmptyString(message['model']), created: undefined }];
  }

  function openBlock(index: unknown, block: WireObject): readonly ProviderEvent[] {
    const opened: Block = { ...block };
    blocks.set(index, opened);
    switch (block['type']) {
      case 'tool_use': {
        // Usually `{}`, filled by deltas; some tools send their whole input at once.
        const given = Object.keys(object(block['input'])).length > 0 ? JSON.stringify(block['input']) : '';
        const index = callCount++;
        opened.call = {
          index: index,
          id: nonEmptyString(block['id']) ?? generateCallId(id || undefined, index),
          name: nonEmptyString(block['name']) ?? '',
          written: given !== '',
        };
        return [callDelta(opened.call, given)];
      }
      case 'text':
        return nonEmptyString(block['text']) ? [{ type: 'content', text: string(block['text']) ?? '' }] : [];
      case 'thinking':
        return nonEmptyString(block['thinking']) ? [{ type: 'reasoning', text: string(block['thinking']) ?? '' }] : [];
      default:
        return [];
    }
  }

  function extendBlock(block: Block | undefined, delta: WireObject): readonly ProviderEvent[] {
    if (!block) return [];
    switch (delta['type']) {
      case 'text_delta': {
        const piece = nonEmptyString(delta['text']);
        return piece && block['type'] === 'text' ? [{ type: 'content', text: piece }] : [];
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
    return [callDelta(block.call, '{}')];
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

/** A delta's usage replaces that of the start, key by key. */
function withoutNulls(usage: WireObject): WireObject {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null && value !== undefined));
}
