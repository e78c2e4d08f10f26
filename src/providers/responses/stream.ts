import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import type { ProviderEvent } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Target } from '../../core/model.ts';
import { object, readJson, tokenCount, type WireObject } from '../read-json.ts';
import { throwIfFailed } from './decode-error.ts';
import type { ResponsesProfile } from './profile.ts';
import { createReader, type Position, type TextKind } from './reader.ts';

export function decodeStream(profile: ResponsesProfile, target: Target): StreamDecoder {
  const reader = createReader(profile, target);

  function push({ event: name, data, status }: ServerSentEvent): readonly ProviderEvent[] {
    const payload = data.trim();
    // There is no end marker: an answer ends with its terminal event.
    if (payload === '' || payload === '[DONE]') return [];
    const event = readJson(payload);
    if (typeof event !== 'object' || event === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} sent an event that is not JSON.`, { status });
    }
    return read(name === 'error' ? { ...event, type: 'error' } : object(event));
  }

  // `type` in the data decides: Perplexity sends no event line, and proxies drop it.
  function read(event: WireObject): readonly ProviderEvent[] {
    reader.noteUsage(object(event['response']));
    throwIfFailed(profile.id, event);
    const item = tokenCount(event['output_index']) ?? 0;
    const at = (part: unknown, kind: TextKind): Position => ({ item, part: tokenCount(part) ?? 0, kind });
    // A whole answer: a server that does not stream.
    if (event['type'] === undefined && Array.isArray(event['output'])) return reader.finish(event);
    switch (event['type']) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return reader.start(object(event['response']));
      case 'response.output_item.added':
        return reader.openItem(item, object(event['item']));
      case 'response.output_item.done':
        return reader.closeItem(item, object(event['item']));
      case 'response.output_text.delta':
        return reader.text(at(event['content_index'], 'output_text'), event['delta']);
      case 'response.output_text.done':
        return reader.wholeText(at(event['content_index'], 'output_text'), event['text']);
      case 'response.refusal.delta':
        return reader.text(at(event['content_index'], 'refusal'), event['delta']);
      case 'response.refusal.done':
        return reader.wholeText(at(event['content_index'], 'refusal'), event['refusal']);
      case 'response.reasoning_summary_text.delta':
        return reader.text(at(event['summary_index'], 'summary_text'), event['delta']);
      case 'response.reasoning_summary_text.done':
        return reader.wholeText(at(event['summary_index'], 'summary_text'), event['text']);
      case 'response.reasoning_text.delta':
        return reader.text(at(event['content_index'], 'reasoning_text'), event['delta']);
      case 'response.reasoning_text.done':
        return reader.wholeText(at(event['content_index'], 'reasoning_text'), event['text']);
      case 'response.output_text.annotation.added':
        reader.annotate(item, tokenCount(event['content_index']) ?? 0, object(event['annotation']));
        return [];
      case 'response.function_call_arguments.delta':
        return reader.argumentsDelta(item, event['delta']);
      case 'response.function_call_arguments.done':
        return reader.wholeArguments(item, event['arguments']);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
        return reader.finish(object(event['response']));
      default:
        return [];
    }
  }

  function end(): readonly ProviderEvent[] {
    throw new GatewayError('UPSTREAM_TRUNCATED', `The stream of ${profile.id} ended without its terminal event.`);
  }

  return { push, end, usage: reader.usage };
}
