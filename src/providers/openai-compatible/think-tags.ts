import type { TextDelta } from '../../core/completion.ts';

/**
 * Open reasoning models write reasoning into the text: `<think>why</think>answer`. Only the beginning of an answer is
 * read so: a later tag is something the model writes about. White space around the tags stays.
 */

const opening = '<think>';
const closing = '</think>';

type Piece = TextDelta;

export type ThinkSplitter = {
  push(text: string): readonly Piece[];
  /** From now on everything is text: the provider separates reasoning itself. */
  stop(): readonly Piece[];
  /** What was held back. `isComplete`: the model ended normally, and was not cut off while reasoning. */
  end(isComplete: boolean): readonly Piece[];
};

/**
 * `startsThinking`: the chat template ends with the opening tag, so only the closing tag is seen. A stream cannot show
 * that in time: the reasoning would have been sent as text, or all text held back until the closing tag. So it has to
 * be configured per model; otherwise only what may become a tag is held back.
 */
export function createThinkSplitter({ unopened }: { unopened: boolean }): ThinkSplitter {
  let index: 'before' | 'inside' | 'after' = 'before';
  let held = '';
  /** Reasoning that no tag has confirmed yet. */
  let guessed: string | undefined;

  function push(text: string): readonly Piece[] {
    held += text;
    if (index === 'before') enter();
    const thoughts = index === 'inside' ? think() : [];
    return index === 'after' ? [...thoughts, ...release()] : thoughts;
  }

  function enter(): void {
    const given = held.trimStart();
    if (given.startsWith(opening)) {
      index = 'inside';
      held = given.slice(opening.length);
    } else if (!opening.startsWith(given)) {
      index = unopened ? 'inside' : 'after';
      if (unopened) guessed = '';
    }
  }

  function think(): readonly Piece[] {
    const end = held.indexOf(closing);
    if (end < 0) return emit(held.length - partOfTag(held));
    const thoughts = emit(end);
    held = held.slice(closing.length);
    index = 'after';
    guessed = undefined;
    return thoughts;
  }

  function emit(length: number): readonly Piece[] {
    const text = held.slice(0, length);
    held = held.slice(length);
    if (guessed !== undefined) guessed += text;
    return text === '' ? [] : [{ type: 'reasoning', text }];
  }

  function release(): readonly Piece[] {
    const text = held;
    held = '';
    return text === '' ? [] : [{ type: 'content', text }];
  }

  function stop(): readonly Piece[] {
    const pieces = index === 'inside' ? emit(held.length) : release();
    index = 'after';
    return pieces;
  }

  function end(isComplete: boolean): readonly Piece[] {
    const pieces = stop();
    // Taken for reasoning, but it is the whole output: it becomes the text, so that no answer is lost.
    return isComplete && guessed ? [...pieces, { type: 'content', text: guessed }] : pieces;
  }

  return { push, stop, end };
}

/** How many characters at the end may begin a closing tag. */
function partOfTag(text: string): number {
  for (let length = Math.min(text.length, closing.length - 1); length > 0; length--) {
    if (closing.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
