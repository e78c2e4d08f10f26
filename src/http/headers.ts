import type { IncomingMessage } from 'node:http';

/** Response headers by lower-case name. */
export type HeaderFields = Readonly<Record<string, string>>;

const none: readonly string[] = [];

/**
 * All values of a header, whose name is in lower case: Node keeps only the first of some and joins others.
 * `headersDistinct` does the same but builds a list for every header of every request.
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

/** One header of Node's request, which has a list where the client sent several. */
export function headerOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'object' ? header.join(',') : header;
}
