import type { ProviderEvent, TokenLogprob, Usage } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { addCounts } from '../add-counts.ts';
import { toLogprobs } from '../logprobs.ts';
import { array, nonEmptyString, object, string, unixSeconds, type WireObject } from '../read-json.ts';
import { createCallReader } from './calls.ts';
import { createCitationCollector, inOrder } from './citations.ts';
import { throwIfFailed } from './decode-error.ts';
import { createDeltaDeduper } from './delta-dedupe.ts';
import { rawFinishReason, toCost, toFinishReason, toUsage, transformationWarnings } from './finish.ts';
import type { ResponsesProfile } from './profile.ts';
import { createServerToolLog } from './server-tool-log.ts';
import { sealItems } from './state.ts';

export type TextKind = 'output_text' | 'refusal' | 'summary_text' | 'reasoning_text';

/** Position of a piece of text: the item, the part inside, and its kind. */
export type Position = { readonly item: number; readonly part: number; readonly kind: TextKind };

export type Reader = {
  start(response: WireObject): readonly ProviderEvent[];
  openItem(position: number, item: WireObject): readonly ProviderEvent[];
  closeItem(position: number, item: WireObject): readonly ProviderEvent[];
  text(position: Position, delta: unknown): readonly ProviderEvent[];
  /** The complete text of a part. */
  wholeText(position: Position, whole: unknown): readonly ProviderEvent[];
  argumentsDelta(position: number, delta: unknown): readonly ProviderEvent[];
  wholeArguments(position: number, args: unknown): readonly ProviderEvent[];
  annotate(position: number, part: number, annotation: WireObject): void;
  finish(response: WireObject): readonly ProviderEvent[];
  /** Keeps the usage of the last event, after success or failure. */
  noteUsage(response: WireObject): void;
  usage(): Usage | undefined;
};

/**
 * Reads an answer item by item; a whole answer is one whose items all come complete. Items are identified by their
 * position: proxies send another id in every event.
 */
export function createReader(profile: ResponsesProfile, target: Target): Reader {
  let isStarted = false;
  let id: string | undefined;
  let refusal: string | undefined;
  let counts: WireObject = {};
  let usage: Usage | undefined;
  const items = new Map<number, WireObject>();
  /** The fields of a reasoning item's text: summary or plain text. */
  const thoughts = new Map<number, TextKind>();
  const sources = createCitationCollector();
  const deduper = createDeltaDeduper();
  const calls = createCallReader();
  const tools = createServerToolLog();
  const logprobs = new Map<string, readonly TokenLogprob[]>();
  let fileCount = 0;

  function start(response: WireObject): readonly ProviderEvent[] {
    if (isStarted) return [];
    isStarted = true;
    id = nonEmptyString(response['id']);
    const created = unixSeconds(response['created_at']);
    return [{ type: 'started', id, model: nonEmptyString(response['model']), created }];
  }

  function openItem(position: number, item: WireObject): readonly ProviderEvent[] {
    const started = start({});
    items.set(position, item);
    if (item['type'] === 'function_call' && !profile.holdsCalls) calls.open(position, item, id);
    return [...started, ...tools.open(position, item)];
  }

  function closeItem(position: number, item: WireObject): readonly ProviderEvent[] {
    const started = start({});
    items.set(position, item);
    switch (item['type']) {
      case 'message':
        return [
          ...started,
          ...array(item['content'])
            .map(object)
            .flatMap((part, index) => closePart(position, index, part)),
        ];
      case 'reasoning': {
        const summary = textParts(position, 'summary_text', item['summary']);
        return [...started, ...summary, ...textParts(position, 'reasoning_text', item['content'])];
      }
      case 'function_call':
        return [...started, ...calls.close(position, item, id)];
      case 'search_results':
        sources.found(position, item['results']);
        return started;
      case 'image_generation_call':
        return [...started, ...toFile(item)];
      default:
        return [...started, ...tools.close(position, item)];
    }
  }

  function toFile({ result, output_format: format }: WireObject): readonly ProviderEvent[] {
    const data = nonEmptyString(result);
    if (!data) return [];
    return [{ type: 'file', index: fileCount++, mediaType: `image/${nonEmptyString(format) ?? 'png'}`, data }];
  }

  function closePart(item: number, part: number, wire: WireObject): readonly ProviderEvent[] {
    sources.complete(item, part, wire['annotations']);
    const tokens = toLogprobs(wire['logprobs']);
    if (tokens.length > 0) logprobs.set(`${item}/${part}`, tokens);
    return wire['type'] === 'refusal'
      ? wholeText({ item, part, kind: 'refusal' }, wire['refusal'])
      : wholeText({ item, part, kind: 'output_text' }, wire['text']);
  }

  function textParts(item: number, kind: TextKind, parts: unknown): readonly ProviderEvent[] {
    return array(parts).flatMap((part, index) => wholeText({ item, part: index, kind }, object(part)['text']));
  }

  function emit({ item, kind }: Position, piece: string): readonly ProviderEvent[] {
    if (piece === '') return [];
    switch (kind) {
      case 'output_text':
        return [...start({}), { type: 'content', text: piece }];
      case 'refusal':
        refusal = (refusal ?? '') + piece;
        return start({});
      default: {
        // Some send the same reasoning in both forms.
        const form = thoughts.get(item) ?? kind;
        thoughts.set(item, form);
        return form === kind ? [...start({}), { type: 'reasoning', text: piece }] : [];
      }
    }
  }

  function addText(position: Position, delta: unknown): readonly ProviderEvent[] {
    return emit(position, deduper.add(nameOf(position), string(delta) ?? ''));
  }

  function wholeText(position: Position, whole: unknown): readonly ProviderEvent[] {
    return emit(position, deduper.complete(nameOf(position), string(whole) ?? ''));
  }

  function noteUsage(response: WireObject): void {
    counts = addCounts(counts, object(response['usage']));
    usage = toUsage(counts);
  }

  function finish(response: WireObject): readonly ProviderEvent[] {
    noteUsage(response);
    throwIfFailed(profile.id, response);
    const started = [...start(response), ...readUntold(array(response['output']).map(object))];
    const isComplete = response['status'] !== 'incomplete';
    const rest = calls.finish(isComplete);
    const serviceTier = nonEmptyString(response['service_tier']);
    const warnings = transformationWarnings(response);
    const reportedCost = toCost(profile.id, response);
    return [
      ...started,
      ...rest,
      {
        type: 'finished',
        finishReason: toFinishReason(response, calls.count() > 0, refusal !== undefined),
        rawFinishReason: rawFinishReason(response),
        refusal,
        citations: sources.citations(),
        usage: usage && { ...usage, ...tools.counts() },
        ...(logprobs.size > 0 && { logprobs: [...logprobs.values()].flat() }),
        ...(serviceTier && { serviceTier }),
        providerState: sealItems(profile.id, target, inOrder(items).flatMap(inOrderOfWire)),
        ...(warnings.length > 0 && { warnings }),
        ...(reportedCost && { reportedCost }),
      },
    ];
  }

  /**
   * Items that stand only in the final answer. Positions differ from those of the events at times, so an item is read where
   * no event contained one of its type.
   */
  function readUntold(output: readonly WireObject[]): readonly ProviderEvent[] {
    const seen = new Set([...items.values()].map(({ type }) => type));
    const first = Math.max(-1, ...items.keys()) + 1;
    return output.flatMap((item, index) => (seen.has(item['type']) ? [] : closeItem(first + index, item)));
  }

  /** Items as the client knows them: calls by the ids that were emitted, and none that was left out. */
  function inOrderOfWire([position, item]: readonly [number, WireObject]): WireObject[] {
    if (item['type'] !== 'function_call') return [item];
    const call_id = calls.idOf(position);
    return call_id === undefined ? [] : [{ ...item, call_id }];
  }

  return {
    start,
    openItem,
    closeItem,
    text: addText,
    wholeText,
    argumentsDelta: (position, delta) => calls.push(position, string(delta) ?? ''),
    wholeArguments: calls.complete,
    annotate: sources.add,
    finish,
    noteUsage,
    usage: () => usage,
  };
}

function nameOf({ item, part, kind }: Position): string {
  return `${item}/${part}/${kind}`;
}
