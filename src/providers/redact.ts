/** Characters of a message that callers see. */
const maxChars = 300;
/** Characters that are looked at: a longer message is cut before any expression runs over it. */
const maxReadChars = 2_000;

/**
 * One line of bounded length: a provider's message is for a log line or a toast. Long quotations are the caller's own
 * text ("Invalid value: '...'") and are removed, and so are keys.
 */
export function redact(message: string): string {
  const isCut = message.length > maxReadChars;
  const read = isCut ? message.slice(0, maxReadChars) : message;
  const line = read.replace(/\s+/g, ' ').trim().replace(keys, '[key]').replace(longQuotation, '$1…$1');
  const whole = isCut ? line.replace(openQuotation, '$1…') : line;
  return whole.length > maxChars ? `${whole.slice(0, maxChars)}…` : whole;
}

/** The forms in which providers quote keys: "Consumer 'api_key:AIza...' has been suspended", "Bearer sk-...". */
const keys =
  /\bBearer\s+[^\s'"]+|\bapi[_-]?key[:=]\s*[^\s'",]+|\b(?:sk|pk|rk|xai|pplx|gsk)-[\w*.-]{6,}[\w*-]|\b(?:AIza|AQ\.)[\w-]+/gi;
const longQuotation = /(?<=^|[\s:=([{,])(['"`])(?:(?!\1).|(?<=\w)\1(?=\w)){60,}\1(?=$|[\s.,:;)\]}])/g;
/** A quotation whose end was cut off. */
const openQuotation = /(?<=^|[\s:=([{,])(['"`])(?:(?!\1).|(?<=\w)\1(?=\w)){60,}$/;
