import type { ServerResponse } from 'node:http';

/** aimock tells that an answer of Responses is incomplete, but not why, and ends the stream as if it were complete. */
export function explainIncomplete(response: ServerResponse): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  // aimock writes texts, one event at a time, and nothing beside them.
  response.write = (text: unknown) => write(explained(text));
  response.end = ((text?: unknown) => (text === undefined ? end() : end(explained(text)))) as typeof end;
}

const status = '"status":"incomplete"';

function explained(text: unknown): string {
  const written = String(text);
  // What a model writes has its quotation marks escaped, and is never taken for this.
  if (!written.includes(status)) return written;
  return written
    .replace(status, `${status},"incomplete_details":{"reason":"max_output_tokens"}`)
    .replace('event: response.completed', 'event: response.incomplete')
    .replace('"type":"response.completed"', '"type":"response.incomplete"');
}
