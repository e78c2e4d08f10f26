import type { ChatEvent } from '../core/completion.ts';
import { type FailureCode, failureCodes, GatewayError, type Issue } from '../core/errors.ts';

/** Events as JSON, for other gateways. Dates and errors need a form of their own. */

export function writeEvents(events: readonly ChatEvent[]): string {
  return JSON.stringify(events.map(toPlain));
}

/** Throws for text that another gateway did not write. */
export function readEvents(text: string): readonly ChatEvent[] {
  const events: unknown = JSON.parse(text);
  if (!Array.isArray(events)) throw new Error('Expected a list of events');
  return events.map(fromPlain);
}

function toPlain(event: ChatEvent): unknown {
  // A function is dropped by JSON: copies have the whole answer in their own log.
  if (event.type !== 'failed') return event;
  const { error, ...rest } = event;
  const { code, message, retryable, retryAfterMs, issues } = error;
  return { ...rest, error: { code, message, retryable, retryAfterMs, issues } };
}

function fromPlain(event: ChatEvent & { readonly type: string }): ChatEvent {
  switch (event.type) {
    case 'started':
      return { ...event, created: new Date(event.created) };
    case 'failed':
      return { ...event, error: toError(event.error) };
    case 'content':
    case 'reasoning':
    case 'tool_call':
    case 'file':
    case 'server_tool':
    case 'finished':
      return event;
    default:
      throw new Error('Expected an event');
  }
}

function toError({ code, message, ...details }: Pick<GatewayError, 'message'> & PlainError): GatewayError {
  return new GatewayError(Object.hasOwn(failureCodes, code) ? code : 'INTERNAL', message, details);
}

type PlainError = {
  readonly code: FailureCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly issues: readonly Issue[];
};
