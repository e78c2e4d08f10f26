import type { IncomingMessage } from 'node:http';

/** Fields of a response's head, by their names in lower case. */
export type HeaderFields = Readonly<Record<string, string>>;

const none: readonly string[] = [];

/**
 * All values that were sent under a name, which is in lower case: Node keeps one of some, and joins others. Its
 * `headersDistinct` tells them apart as well, and makes a list of each header of each request for that.
 */
export function valuesOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): readonly string[] {
  let values: string[] | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] ?? '';
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    values ??= [];
    values.push(rawHeaders[index + 1] ?? '');
  }
  return values ?? none;
}
