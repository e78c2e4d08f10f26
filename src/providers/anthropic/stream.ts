import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import type { AnswerEvent, Citation } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { madeUpCallId } from '../generated-call-id.ts';
import { readJson, record, text, type Wire, word } from '../read-json.ts';
import { sealThinking, throwIfFailure, toCitation, toFinishReason, toRefusal, toUsage } from './decode.ts';

type OpenCall = { readonly index: number; readonly id: string; readonly name: string; written: boolean };
type Block = Record<string, unknown> & { call?: OpenCall };

export function decodeStream(): StreamDecoder {
  let id: string | undefined;
  let rawFinishReason: string | undefined;
  let stopDetails: unknown;
  let usage: Wire = {};
  let callCount = 0;
  let finished = false;
  const blocks = new Map<unknown, Block>();
  const citations: Citation[] = [];

  function push({ data }: ServerSentEvent): readonly AnswerEvent[] {
    if (finished || data.trim() === '' || data === '[DONE]') return [];
    const event = readJson(data);
    if (typeof event !== 'object' || event === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', 'anthropic sent an event that is not JSON.');
    }
    return read(record(event));
  }

  // The type inside is the one to trust: proxies leave out the event line, or write another one.
  function read(event: Wire): readonly AnswerEvent[] {
    throwIfFailure(event);
    switch (event['type']) {
      case 'message_start':
        return start(record(event['message']));
      case 'content_block_start':
        return openBlock(event['index'], record(event['content_block']));
      case 'content_block_delta':
        return extendBlock(blocks.get(event['index']), record(event['delta']));
      case 'content_block_stop':
        return closeBlock(blocks.get(event['index']));
      case 'message_delta': {
        const delta = record(event['delta']);
        rawFinishReason = word(delta['stop_reason']) ?? rawFinishReason;
        stopDetails = delta['stop_details'] ?? stopDetails;
        usage = { ...usage, ...withoutNulls(record(event['usage'])) };
        return [];
      }
      case 'message_stop':
        return finish();
      default:
        return [];
    }
  }

  function start(message: Wire): readonly AnswerEvent[] {
    const told = word(message['id']);
    if (id !== undefined) {
      if (told === undefined || told === id) return [];
      throw new GatewayError('UPSTREAM_MALFORMED', 'anthropic began a second message inside the first.');
    }
    id = told ?? '';
    usage = withoutNulls(record(message['usage']));
    return [{ type: 'started', id: told, model: word(message['model']), created: undefined }];
  }

  function openBlock(index: unknown, block: Wire): readonly AnswerEvent[] {
    const opened: Block = { ...block };
    blocks.set(index, opened);
    switch (block['type']) {
      case 'tool_use': {
        // Usually `{}` and filled by deltas; some tools send their input at once.
        const given = Object.keys(record(block['input'])).length > 0 ? JSON.stringify(block['input']) : '';
        const place = callCount++;
        opened.call = {
          index: place,
          id: word(block['id']) ?? madeUpCallId(id || undefined, place),
          name: word(block['name']) ?? '',
          written: given !== '',
        };
        return [callDelta(opened.call, given)];
      }
      case 'text':
        return word(block['text']) ? [{ type: 'content', text: text(block['text']) ?? '' }] : [];
      case 'thinking':
        return word(block['thinking']) ? [{ type: 'reasoning', text: text(block['thinking']) ?? '' }] : [];
      default:
        return [];
    }
  }

  function extendBlock(block: Block | undefined, delta: Wire): readonly AnswerEvent[] {
    if (!block) return [];
    switch (delta['type']) {
      case 'text_delta': {
        const piece = word(delta['text']);
        return piece && block['type'] === 'text' ? [{ type: 'content', text: piece }] : [];
      }
      case 'thinking_delta': {
        const piece = word(delta['thinking']);
        if (!piece) return [];
        block['thinking'] = (text(block['thinking']) ?? '') + piece;
        return [{ type: 'reasoning', text: piece }];
      }
      case 'signature_delta':
        block['signature'] = (text(block['signature']) ?? '') + (text(delta['signature']) ?? '');
        return [];
      case 'input_json_delta': {
        const piece = word(delta['partial_json']);
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

  function closeBlock(block: Block | undefined): readonly AnswerEvent[] {
    if (!block?.call || block.call.written) return [];
    block.call.written = true;
    return [callDelta(block.call, '{}')];
  }

  function finish(): readonly AnswerEvent[] {
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

  function end(): readonly AnswerEvent[] {
    throw truncated();
  }

  return { push, end, usage: () => toUsage(usage) };
}

function callDelta({ index, id, name }: OpenCall, argumentsDelta: string): AnswerEvent {
  return { type: 'tool_call', index, id, name, argumentsDelta };
}

function truncated(): GatewayError {
  return new GatewayError('UPSTREAM_TRUNCATED', 'The stream of anthropic ended without message_stop.');
}

/** A delta's usage replaces what the start told, key by key. */
function withoutNulls(usage: Wire): Wire {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null && value !== undefined));
}
