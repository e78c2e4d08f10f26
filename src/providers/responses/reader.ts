import type { AnswerEvent, Usage } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { list, record, text, unixSeconds, type Wire, word } from '../read-json.ts';
import { createCallReader } from './calls.ts';
import { createSources, inOrder } from './citations.ts';
import { throwIfFailed } from './decode-error.ts';
import { createTold } from './delta-dedupe.ts';
import { rawFinishReason, toCost, toFinishReason, toUsage, transformationWarnings } from './finish.ts';
import type { ResponsesProfile } from './profile.ts';
import { sealItems } from './state.ts';

export type TextKind = 'output_text' | 'refusal' | 'summary_text' | 'reasoning_text';

/** Where a piece of text stands: the item, the part inside, and what it is. */
export type Place = { readonly item: number; readonly part: number; readonly kind: TextKind };

export type Reader = {
  start(response: Wire): readonly AnswerEvent[];
  openItem(place: number, item: Wire): readonly AnswerEvent[];
  closeItem(place: number, item: Wire): readonly AnswerEvent[];
  text(place: Place, delta: unknown): readonly AnswerEvent[];
  /** The same text as a whole, when it is complete. */
  wholeText(place: Place, whole: unknown): readonly AnswerEvent[];
  argumentsDelta(place: number, delta: unknown): readonly AnswerEvent[];
  wholeArguments(place: number, args: unknown): readonly AnswerEvent[];
  annotate(place: number, part: number, annotation: Wire): void;
  finish(response: Wire): readonly AnswerEvent[];
  /** Keeps what the last event of an answer says of its usage, whether it succeeded or failed. */
  noteUsage(response: Wire): void;
  usage(): Usage | undefined;
};

/**
 * Reads an answer item by item; a whole answer is one whose items all come complete. Items are known by their place in
 * the output alone: proxies give them another id in every event.
 */
export function createReader(profile: ResponsesProfile, target: Target): Reader {
  let isStarted = false;
  let id: string | undefined;
  let refusal: string | undefined;
  let usage: Usage | undefined;
  const items = new Map<number, Wire>();
  /** What a reasoning item tells its thoughts in: a summary, or plain text. */
  const thoughts = new Map<number, TextKind>();
  const sources = createSources();
  const told = createTold();
  const calls = createCallReader();

  function start(response: Wire): readonly AnswerEvent[] {
    if (isStarted) return [];
    isStarted = true;
    id = word(response['id']);
    const created = unixSeconds(response['created_at']);
    return [{ type: 'started', id, model: word(response['model']), created }];
  }

  function openItem(place: number, item: Wire): readonly AnswerEvent[] {
    const started = start({});
    items.set(place, item);
    if (item['type'] === 'function_call' && !profile.holdsCalls) calls.open(place, item, id);
    return started;
  }

  function closeItem(place: number, item: Wire): readonly AnswerEvent[] {
    const started = start({});
    items.set(place, item);
    switch (item['type']) {
      case 'message':
        return [
          ...started,
          ...list(item['content'])
            .map(record)
            .flatMap((part, index) => closePart(place, index, part)),
        ];
      case 'reasoning': {
        const summary = textParts(place, 'summary_text', item['summary']);
        return [...started, ...summary, ...textParts(place, 'reasoning_text', item['content'])];
      }
      case 'function_call':
        return [...started, ...calls.close(place, item, id)];
      case 'search_results':
        sources.found(place, item['results']);
        return started;
      default:
        return started;
    }
  }

  function closePart(item: number, part: number, wire: Wire): readonly AnswerEvent[] {
    sources.complete(item, part, wire['annotations']);
    return wire['type'] === 'refusal'
      ? wholeText({ item, part, kind: 'refusal' }, wire['refusal'])
      : wholeText({ item, part, kind: 'output_text' }, wire['text']);
  }

  function textParts(item: number, kind: TextKind, parts: unknown): readonly AnswerEvent[] {
    return list(parts).flatMap((part, index) => wholeText({ item, part: index, kind }, record(part)['text']));
  }

  function tell({ item, kind }: Place, piece: string): readonly AnswerEvent[] {
    if (piece === '') return [];
    switch (kind) {
      case 'output_text':
        return [...start({}), { type: 'content', text: piece }];
      case 'refusal':
        refusal = (refusal ?? '') + piece;
        return start({});
      default: {
        // Some tell the same thoughts in both forms.
        const form = thoughts.get(item) ?? kind;
        thoughts.set(item, form);
        return form === kind ? [...start({}), { type: 'reasoning', text: piece }] : [];
      }
    }
  }

  function addText(place: Place, delta: unknown): readonly AnswerEvent[] {
    return tell(place, told.add(nameOf(place), text(delta) ?? ''));
  }

  function wholeText(place: Place, whole: unknown): readonly AnswerEvent[] {
    return tell(place, told.complete(nameOf(place), text(whole) ?? ''));
  }

  function noteUsage(response: Wire): void {
    usage = toUsage(response['usage']) ?? usage;
  }

  function finish(response: Wire): readonly AnswerEvent[] {
    noteUsage(response);
    throwIfFailed(profile.id, response);
    const started = start(response);
    const isComplete = response['status'] !== 'incomplete';
    const rest = calls.finish(isComplete);
    const warnings = transformationWarnings(response);
    const charged = toCost(profile.id, response);
    return [
      ...started,
      ...rest,
      {
        type: 'finished',
        finishReason: toFinishReason(response, calls.count() > 0, refusal !== undefined),
        rawFinishReason: rawFinishReason(response),
        refusal,
        citations: sources.citations(),
        usage,
        providerState: sealItems(profile.id, target, inOrder(items).flatMap(asTold)),
        ...(warnings.length > 0 && { warnings }),
        ...(charged && { charged }),
      },
    ];
  }

  /** Items as the caller knows them: calls by the ids that were told, and none that was left out. */
  function asTold([place, item]: readonly [number, Wire]): Wire[] {
    if (item['type'] !== 'function_call') return [item];
    const call_id = calls.idOf(place);
    return call_id === undefined ? [] : [{ ...item, call_id }];
  }

  return {
    start,
    openItem,
    closeItem,
    text: addText,
    wholeText,
    argumentsDelta: (place, delta) => calls.push(place, text(delta) ?? ''),
    wholeArguments: calls.complete,
    annotate: sources.add,
    finish,
    noteUsage,
    usage: () => usage,
  };
}

function nameOf({ item, part, kind }: Place): string {
  return `${item}/${part}/${kind}`;
}
