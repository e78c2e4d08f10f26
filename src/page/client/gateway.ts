import { ChatError, createParley } from 'parley-client';
import { execute, type TransportOptions } from 'parley-client/transport';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** The client that every frontend can use, on the public endpoint. */
const transport: TransportOptions = {
  url: '/graphql',
  headers: (): Record<string, string> => (state.key ? { authorization: `Bearer ${state.key}` } : {}),
};

export const parley = createParley(transport);

/** The result of a query. Undefined without one: then the key is asked for, or the next attempt may succeed. */
export async function ask<Data>(query: string): Promise<Data | undefined> {
  try {
    return (await execute(transport, query, {})) as Data;
  } catch (thrown) {
    askForKey(thrown);
    return undefined;
  }
}

/** Why there is no answer, in the words of the page where the gateway has none. Asks for a key where that is the reason. */
export function toProblem(thrown: unknown): { readonly code: string | undefined; readonly message: string } {
  askForKey(thrown);
  if (!(thrown instanceof ChatError)) return { code: undefined, message: String(thrown) };
  if (thrown.code === 'NETWORK_ERROR') return { code: undefined, message: words.noConnection };
  return thrown;
}

function askForKey(thrown: unknown): void {
  if (!(thrown instanceof ChatError)) return;
  if (thrown.code === 'UNAUTHENTICATED') {
    change({ isKeyWanted: true, keyProblem: state.key ? words.keyWrong : words.keyWanted });
  } else if (thrown.code === 'PERSISTED_ONLY') change({ isKeyWanted: true, keyProblem: thrown.message });
}
