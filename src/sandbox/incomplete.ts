import type { ServerResponse } from 'node:http';

/** aimock does not say why a Responses answer is incomplete, and ends its stream as complete. */
export function explainIncomplete(response: ServerResponse): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  // aimock writes strings, one event at a time.
  response.write = (text: unknown) => write(explained(text));
  response.end = ((text?: unknown) => (text === undefined ? end() : end(explained(text)))) as typeof end;
}

const status = '"status":"incomplete"';

function explained(text: unknown): string {
  const written = String(text);
  // Quotation marks in a model's output are escaped, so it never matches this.
  if (!written.includes(status)) return written;
  return written
    .replace(status, `${status},"incomplete_details":{"reason":"max_output_tokens"}`)
    .replace('event: response.completed', 'event: response.incomplete')
    .replace('"type":"response.completed"', '"type":"response.incomplete"');
}
