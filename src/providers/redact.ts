const maxChars = 300;

/**
 * One line of bounded length: a provider's sentence is for a log line and a toast, not for a page. Long quotations are
 * the caller's own words ("Invalid value: '...'"), and keys are nobody's business: both are left out.
 */
export function redact(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim().replace(keys, '[key]').replace(longQuotation, '$1…$1');
  return line.length > maxChars ? `${line.slice(0, maxChars)}…` : line;
}

/** In the forms that providers give them: "Consumer 'api_key:AIza...' has been suspended", "Bearer sk-...". */
const keys =
  /\bBearer\s+[^\s'"]+|\bapi[_-]?key[:=]\s*[^\s'",]+|\b(?:sk|pk|rk|xai|pplx|gsk)-[\w*.-]{6,}[\w*-]|\b(?:AIza|AQ\.)[\w-]+/gi;
const longQuotation = /(?<=^|[\s:=([{,])(['"`])(?:(?!\1).|(?<=\w)\1(?=\w)){60,}\1(?=$|[\s.,:;)\]}])/g;
