/**
 * A provider's prose, made safe to match: bounded, on one line, and without quotations, which may be the caller's own words
 * ("Invalid schema for function 'credits': …"). Linear in the length of the bound.
 */
export function withoutQuotations(message: string, maxChars = 600): string {
  const text = message.slice(0, maxChars * 4);
  let result = '';
  for (let index = 0; index < text.length && result.length < maxChars; index++) {
    const char = text.charAt(index);
    const closing = closingQuote.get(char);
    if (closing !== undefined && beginsQuotation(text, index)) {
      index = endOfQuotation(text, index, closing);
      result += ' ';
    } else {
      result += /\s/.test(char) ? ' ' : char;
    }
  }
  return result.trim();
}

const closingQuote: ReadonlyMap<string, string> = new Map([
  ["'", "'"],
  ['"', '"'],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
  ['«', '»'],
]);

/** After a letter or digit it is an apostrophe. */
function beginsQuotation(text: string, index: number): boolean {
  return index === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(index - 1));
}

/** The end of the quotation; the rest of the text where it is not closed, for it may have been cut off. */
function endOfQuotation(text: string, start: number, closing: string): number {
  for (let end = text.indexOf(closing, start + 1); end !== -1; end = text.indexOf(closing, end + 1)) {
    if (!/[\p{L}\p{N}]/u.test(text.charAt(end + 1))) return end;
  }
  return text.length;
}
