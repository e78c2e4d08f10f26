import { argumentsText } from './read-json.ts';

export type StreamedArguments = {
  /** What of the pieces so far may be passed on. */
  push(piece: string): string;
  /** The rest, when no more pieces come. */
  end(): string;
};

/** A call without arguments says "null", in one piece or in several, or nothing: both are held back, and become `{}`. */
export function createStreamedArguments(): StreamedArguments {
  let held: string | undefined = '';
  return {
    push(piece) {
      if (held === undefined) return piece;
      const given = held + piece;
      const mayBeNothing = 'null'.startsWith(given.trim());
      held = mayBeNothing ? given : undefined;
      return mayBeNothing ? '' : given;
    },
    end() {
      const rest = held === undefined ? '' : argumentsText(held);
      held = undefined;
      return rest;
    },
  };
}
