const maxChars = 300;

/**
 * One line of bounded length: a provider's message is for a log line or a toast. Long quotations are the caller's own
 * text ("Invalid value: '...'") and are removed, and so are keys.
 */
export function redact(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim().replace(keys, '[key]').replace(longQuotation, '$1…$1');
  return line.length > maxChars ? `${line.slice(0, maxChars)}…` : line;
}

/** The forms in which providers quote keys: "Consumer 'api_key:AIza...' has been suspended", "Bearer sk-...". */
const keys =
  /\bBearer\s+[^\s'"]+|\bapi[_-]?key[:=]\s*[^\s'",]+|\b(?:sk|pk|rk|xai|pplx|gsk)-[\w*.-]{6,}[\w*-]|\b(?:AIza|AQ\.)[\w-]+/gi;
const longQuotation = /(?<=^|[\s:=([{,])(['"`])(?:(?!\1).|(?<=\w)\1(?=\w)){60,}\1(?=$|[\s.,:;)\]}])/g;
