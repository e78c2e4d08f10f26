import { argumentsText } from './read-json.ts';

export type StreamedArguments = {
  /** The part of the pieces that may be passed on. */
  push(piece: string): string;
  /** The rest at the end. */
  end(): string;
};

/** A call without arguments sends "null", in one piece or several, or nothing: both are held back and become `{}`. */
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
