/** Finds the end of one JSON object while its text arrives, in one pass. */
export type ObjectEnd = { push(text: string): void; isComplete(): boolean };

export function createObjectEnd(): ObjectEnd {
  let depth = 0;
  let hasBegun = false;
  let isInString = false;
  let isEscaped = false;

  function read(character: string): void {
    if (isEscaped) isEscaped = false;
    else if (character === '\\') isEscaped = isInString;
    else if (character === '"') isInString = !isInString;
    else if (isInString) return;
    else if (character === '{') {
      depth += 1;
      hasBegun = true;
    } else if (character === '}') depth -= 1;
  }

  return {
    push(text) {
      for (const character of text) read(character);
    },
    isComplete: () => hasBegun && depth <= 0,
  };
}
