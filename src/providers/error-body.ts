import { array, nonEmptyString, object, readJson, string, type WireObject } from './read-json.ts';

/** What an error body says, in one form. */
export type ErrorBody = {
  /** `false` for a page or a sentence of a proxy in front of the API. */
  readonly isApiError: boolean;
  readonly message: string | undefined;
  readonly type: string | undefined;
  readonly code: string | undefined;
};

/** Error bodies come in many shapes; these are tried in order. */
export function readErrorBody(body: string): ErrorBody {
  const parsed = readJson(body.trim());
  if (parsed === undefined) {
    return { isApiError: false, message: plainText(body), type: undefined, code: undefined };
  }
  const root = object(Array.isArray(parsed) ? parsed[0] : parsed);
  const inner = object(root['error']);
  const source = Object.keys(inner).length > 0 ? inner : root;
  const code = source['code'] ?? root['code'];
  const message =
    sentence(source['message']) ??
    sentence(root['error']) ??
    sentence(object(source['message'])['detail']) ??
    sentence(root['detail']) ??
    sentence(object(root['detail'])['error']) ??
    sentence(root['message']);
  return {
    isApiError: message !== undefined,
    message,
    type: nonEmptyString(source['type']) ?? nonEmptyString(source['status']),
    code: typeof code === 'number' ? String(code) : nonEmptyString(code),
  };
}

/** A text, or several texts with the field that each is about. */
function sentence(value: unknown): string | undefined {
  const lines = array(value).map((item) => {
    const detail: WireObject = object(item);
    const path = array(detail['loc']).join('.');
    return string(item) ?? [path, string(detail['msg'])].filter(Boolean).join(': ');
  });
  return nonEmptyString(value) ?? nonEmptyString(lines.filter(Boolean).join('; '));
}

const maxLineChars = 300;

/** A single line of a proxy is passed on, a web page is not. */
function plainText(body: string): string | undefined {
  const said = body.trim();
  return /^[^<{[]/.test(said) && said.length <= maxLineChars ? said : undefined;
}
