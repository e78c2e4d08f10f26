/** The forms of results one after the other: server-sent events, or Apollo's multipart protocol for subscriptions. */
export type EventForm = 'text/event-stream' | 'multipart/mixed';

/** The response form of an operation: a JSON media type, or one for events. */
export type ResponseForm = 'application/json' | 'application/graphql-response+json' | EventForm;

/** A Map, because the names come from callers: "constructor" has to be unknown. */
const responseForms: ReadonlyMap<string, readonly ResponseForm[]> = new Map([
  ['application/json', ['application/json']],
  ['application/graphql-response+json', ['application/graphql-response+json']],
  ['application/*', ['application/json']],
  ['text/event-stream', ['text/event-stream']],
  ['text/*', ['text/event-stream']],
  ['*/*', ['application/json', 'text/event-stream']],
]);

/**
 * Chooses the form: JSON before server-sent events, and among JSON types the first one named. Subscriptions are events only.
 * Undefined where the header allows none.
 */
export function negotiate(accept: string | undefined, isSubscription: boolean): ResponseForm | undefined {
  const accepted = (accept ?? '*/*').toLowerCase().split(',').flatMap(acceptedForms);
  return isSubscription
    ? accepted.find(isEventForm)
    : (accepted.find((form) => !isEventForm(form)) ?? accepted.find((form) => form === 'text/event-stream'));
}

export function isEventForm(form: ResponseForm): form is EventForm {
  return form === 'text/event-stream' || form === 'multipart/mixed';
}

/** Quality values are ignored; a charset other than UTF-8 is not acceptable. */
function acceptedForms(range: string): readonly ResponseForm[] {
  const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
  // Other protocols use the same media type, for @defer for example.
  if (name === 'multipart/mixed') return parameters.some(isSubscriptionSpec) ? ['multipart/mixed'] : [];
  const isForeign = parameters.some((one) => one.startsWith('charset=') && one !== 'charset=utf-8');
  return isForeign ? [] : (responseForms.get(name) ?? []);
}

function isSubscriptionSpec(parameter: string): boolean {
  return parameter === 'subscriptionspec=1.0' || parameter === 'subscriptionspec="1.0"';
}
