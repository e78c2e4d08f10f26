import type { Delta } from '../../core/completion.ts';

/**
 * Open reasoning models write their thoughts into the text: `<think>why</think>answer`. Only the beginning of an answer
 * is read so: a tag further on is something that the model writes about. White space around the tags stays where it is.
 */

const opening = '<think>';
const closing = '</think>';

type Piece = Exclude<Delta, { type: 'tool_call' }>;

export type ThinkSplitter = {
  push(text: string): readonly Piece[];
  /** From now on everything is text: the provider tells the thoughts apart itself. */
  stop(): readonly Piece[];
  /** What was held back. `isComplete`: the model ended by itself, and was not cut off while it thought. */
  end(isComplete: boolean): readonly Piece[];
};

/**
 * `unopened`: this model's chat template ends with the opening tag, so that its answer begins inside and only the closing
 * tag is seen. That cannot be found out from a stream in time: by the closing tag, the thoughts would long have been told
 * as text, or all text would have to be held back until then. So it has to be known of the model beforehand; with any
 * other one, no more is held back than what may still become a tag.
 */
export function createThinkSplitter({ unopened }: { unopened: boolean }): ThinkSplitter {
  let index: 'before' | 'inside' | 'after' = 'before';
  let held = '';
  /** Thoughts that no tag has confirmed. */
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
    // Taken for thoughts, and yet they were all that the model had to say: nobody may lose an answer to our guess.
    return isComplete && guessed ? [...pieces, { type: 'content', text: guessed }] : pieces;
  }

  return { push, stop, end };
}

/** How many characters at the end may be the beginning of a closing tag. */
function partOfTag(text: string): number {
  for (let length = Math.min(text.length, closing.length - 1); length > 0; length--) {
    if (closing.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
