/** In which form an operation is answered: as one JSON body of a media type, or as server-sent events. */
export type Form = 'application/json' | 'application/graphql-response+json' | 'text/event-stream';

/** A map, for the names are a caller's: "constructor" is just a word. */
const forms: ReadonlyMap<string, readonly Form[]> = new Map([
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
export function formOf(accept: string | undefined, isSubscription: boolean): Form | undefined {
  const asked = (accept ?? '*/*').toLowerCase().split(',').flatMap(formsOf);
  const isEvents = (form: Form) => form === 'text/event-stream';
  return isSubscription ? asked.find(isEvents) : (asked.find((form) => !isEvents(form)) ?? asked.find(isEvents));
}

/** How much one is liked better than another is left aside; in which charset it is wanted, if not in ours, is not. */
function formsOf(range: string): readonly Form[] {
  const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
  const isForeign = parameters.some((one) => one.startsWith('charset=') && one !== 'charset=utf-8');
  return isForeign ? [] : (forms.get(name) ?? []);
}
