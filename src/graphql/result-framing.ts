import type { EventFraming } from '../http/event-stream.ts';
import type { EventForm } from './content-negotiation.ts';

/** How the results of one operation are put into a response. */
export type ResultFraming = {
  /** Undefined: server-sent events, the default of an event stream. */
  readonly events: EventFraming | undefined;
  result(json: string, id: string | undefined): string;
  readonly end: string;
};

/** The GraphQL over SSE protocol, distinct connections mode. */
const serverSentEvents: ResultFraming = {
  events: undefined,
  result(json, id) {
    const text = `event: next\ndata: ${json}\n\n`;
    return id === undefined ? text : `id: ${id}\n${text}`;
  },
  end: 'event: complete\ndata:\n\n',
};

const part = '\r\ncontent-type: application/json\r\n\r\n';

/**
 * Apollo's multipart protocol for subscriptions 1.0. The boundary that ends a part is sent with it: clients read a part when they
 * see the next boundary.
 */
const multipart: ResultFraming = {
  events: {
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    begin: '\r\n--graphql',
    heartbeat: `${part}{}\r\n--graphql`,
  },
  result: (json) => `${part}{"payload":${json}}\r\n--graphql`,
  end: '--\r\n',
};

export function framingOf(form: EventForm): ResultFraming {
  return form === 'multipart/mixed' ? multipart : serverSentEvents;
}
