/** The response form of an operation: a JSON media type, or server-sent events. */
export type ResponseForm = 'application/json' | 'application/graphql-response+json' | 'text/event-stream';

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
 * Chooses the form: JSON before events, and among JSON types the first one named. Subscriptions are events only.
 * Undefined where the header allows none.
 */
export function negotiate(accept: string | undefined, isSubscription: boolean): ResponseForm | undefined {
  const accepted = (accept ?? '*/*').toLowerCase().split(',').flatMap(acceptedForms);
  const isEvents = (form: ResponseForm) => form === 'text/event-stream';
  return isSubscription
    ? accepted.find(isEvents)
    : (accepted.find((form) => !isEvents(form)) ?? accepted.find(isEvents));
}

/** Quality values are ignored; a charset other than UTF-8 is not acceptable. */
function acceptedForms(range: string): readonly ResponseForm[] {
  const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
  const isForeign = parameters.some((one) => one.startsWith('charset=') && one !== 'charset=utf-8');
  return isForeign ? [] : (responseForms.get(name) ?? []);
}
