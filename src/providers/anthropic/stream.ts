import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import { toEvents } from '../../core/collect.ts';
import type { ProviderEvent } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ServerToolName } from '../../core/server-tools.ts';
import { addCounts } from '../add-counts.ts';
import { generateCallId } from '../generated-call-id.ts';
import { array, lookUp, nonEmptyString, object, readJson, string, type WireObject } from '../read-json.ts';
import {
  decode,
  placedCitations,
  sealThinking,
  throwIfFailure,
  toFinishReason,
  toRefusal,
  toServiceTier,
  toStopDetails,
  toToolName,
  toUsage,
  withToolRuns,
} from './decode.ts';

type OpenCall = {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  /** Input that came with the start of the block: it counts where no pieces follow. */
  readonly given: string;
  written: boolean;
};
type Block = Record<string, unknown> & { call?: OpenCall; isSealed?: boolean };

export function decodeStream(): StreamDecoder {
  let id: string | undefined;
  let rawFinishReason: string | undefined;
  let stopDetails: unknown;
  let stopSequence: unknown;
  let usage: WireObject = {};
  let callCount = 0;
  let finished = false;
  const blocks = new Map<unknown, Block>();
  /** By id: tools that the provider has begun to run. */
  const toolsRun = new Map<string, ServerToolName>();

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
        stopSequence = delta['stop_sequence'] ?? stopSequence;
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
      case 'server_tool_use':
        return [];
      case 'text':
        return nonEmptyString(block['text']) ? [{ type: 'content', text: string(block['text']) ?? '' }] : [];
      case 'thinking':
        return nonEmptyString(block['thinking']) ? [{ type: 'reasoning', text: string(block['thinking']) ?? '' }] : [];
      default:
        return serverToolResult(block);
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
        if (piece && block['type'] === 'server_tool_use') block['json'] = (string(block['json']) ?? '') + piece;
        if (!piece || !block.call) return [];
        block.call.written = true;
        return [callDelta(block.call, piece)];
      }
      case 'citations_delta':
        block['citations'] = [...array(block['citations']), delta['citation']];
        return [];
      default:
        return [];
    }
  }

  function closeBlock(block: Block | undefined): readonly ProviderEvent[] {
    if (block?.['type'] === 'server_tool_use') return serverTool(block);
    const seal = block && sealOf(block);
    if (seal && block) {
      if (block.isSealed) return [];
      block.isSealed = true;
      return [{ type: 'reasoning', text: '', seal }];
    }
    if (!block?.call || block.call.written) return [];
    block.call.written = true;
    return [callDelta(block.call, block.call.given || '{}')];
  }

  /** A tool that the provider runs: its block is complete when it begins to run. */
  function serverTool(block: Block): readonly ProviderEvent[] {
    const name = toToolName(block['name']);
    const id = nonEmptyString(block['id']) ?? '';
    if (!name || toolsRun.has(id)) return [];
    const input = object(readJson(string(block['json']) ?? ''));
    const { query, url, code, command } = Object.keys(input).length > 0 ? input : object(block['input']);
    toolsRun.set(id, name);
    return [
      { type: 'server_tool', id, name, status: 'running', input: nonEmptyString(query ?? url ?? code ?? command) },
    ];
  }

  function serverToolResult({ type, tool_use_id, content }: WireObject): readonly ProviderEvent[] {
    const id = nonEmptyString(tool_use_id) ?? '';
    const name = toolsRun.get(id);
    if (!name || !String(type).endsWith('_tool_result')) return [];
    const isFailed = String(object(content)['type']).endsWith('_error');
    return [{ type: 'server_tool', id, name, status: isFailed ? 'failed' : 'done', input: undefined }];
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
        ...toStopDetails(stopSequence, stopDetails),
        citations: placedCitations([...blocks.values()]),
        usage: withToolRuns(toUsage(usage), [...blocks.values()]),
        providerState: sealThinking([...blocks.values()]),
        ...toServiceTier(usage),
      },
    ];
  }

  function end(): readonly ProviderEvent[] {
    throw truncated();
  }

  return { push, end, usage: () => toUsage(usage) };
}

/** What the provider wants back of a block of thinking. */
function sealOf({ type, signature, data }: Block): { signature: string } | { data: string } | undefined {
  const [signed, redacted] = [nonEmptyString(signature), nonEmptyString(data)];
  if (type === 'thinking' && signed) return { signature: signed };
  return type === 'redacted_thinking' && redacted ? { data: redacted } : undefined;
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
