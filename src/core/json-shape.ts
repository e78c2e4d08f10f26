/** Far deeper than any request needs: a tool's JSON schema hardly reaches 30. */
const maxDepth = 100;
/**
 * Far more than any request needs: a thousand messages with tools have some twenty thousand. Parsing this many values takes
 * about 10 ms; a body of empty objects could hold twenty times as many.
 */
const maxValues = 100_000;

/**
 * What is wrong with the shape of JSON text, before it is parsed. Code behind it may be recursive (JSON.stringify is), so that
 * ten thousand brackets would overflow the stack; and each value costs memory of its own.
 */
export function shapeProblem(json: string): string | undefined {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < json.length; index++) {
    switch (json.charCodeAt(index)) {
      case 0x22: // "
        index = endOfString(json, index);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        values += 1;
        if (depth > maxDepth) return `nested too deeply (limit ${maxDepth} levels)`;
        break;
      case 0x2c: // ,
        values += 1;
        if (values > maxValues) return `too complex (limit ${maxValues} values)`;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return undefined;
}

/** Skips a string, which may be megabytes of an image. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}
