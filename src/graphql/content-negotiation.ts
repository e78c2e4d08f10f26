/** In which form an operation is answered: as one JSON body of a media type, or as server-sent events. */
export type ResponseForm = 'application/json' | 'application/graphql-response+json' | 'text/event-stream';

/** A map, for the names are a caller's: "constructor" is just a word. */
const responseForms: ReadonlyMap<string, readonly ResponseForm[]> = new Map([
  ['application/json', ['application/json']],
  ['application/graphql-response+json', ['application/graphql-response+json']],
  ['application/*', ['application/json']],
  ['text/event-stream', ['text/event-stream']],
  ['text/*', ['text/event-stream']],
  ['*/*', ['application/json', 'text/event-stream']],
]);

/**
 * The form that is asked for: JSON before events, and among the two of JSON the one named first. A subscription has events
 * alone. Nothing, where the header names none of them.
 */
export function negotiate(accept: string | undefined, isSubscription: boolean): ResponseForm | undefined {
  const accepted = (accept ?? '*/*').toLowerCase().split(',').flatMap(acceptedForms);
  const isEvents = (form: ResponseForm) => form === 'text/event-stream';
  return isSubscription
    ? accepted.find(isEvents)
    : (accepted.find((form) => !isEvents(form)) ?? accepted.find(isEvents));
}

/** How much one is liked better than another is left aside; in which charset it is wanted, if not in ours, is not. */
function acceptedForms(range: string): readonly ResponseForm[] {
  const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
  const isForeign = parameters.some((one) => one.startsWith('charset=') && one !== 'charset=utf-8');
  return isForeign ? [] : (responseForms.get(name) ?? []);
}
