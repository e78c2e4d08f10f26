/** Follows the brackets of a JSON text that arrives in pieces, in time linear to its length. */
export type JsonBalance = {
  push(piece: string): void;
  /** Whether an object or array has begun and every bracket is closed. */
  isComplete(): boolean;
};

export function createJsonBalance(): JsonBalance {
  let depth = 0;
  let hasBegun = false;
  let isInString = false;
  let isEscaped = false;

  function read(char: string): void {
    if (isEscaped) isEscaped = false;
    else if (isInString) {
      if (char === '\\') isEscaped = true;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      hasBegun = true;
    } else if (char === '}' || char === ']') depth -= 1;
  }

  return {
    push(piece) {
      for (let index = 0; index < piece.length; index++) read(piece.charAt(index));
    },
    isComplete: () => hasBegun && depth <= 0 && !isInString,
  };
}
