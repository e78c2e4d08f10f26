import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import type { Secret } from '../../core/secret.ts';
import { Finding } from './finding.ts';

export type Operation<T> = {
  readonly document: string;
  readonly variables?: object;
  /** The expected shape of `data`. */
  readonly shape: z.ZodType<T>;
};

/** Failures are thrown as Findings; an aborted signal throws its reason. */
export type GatewayClient = {
  query<T>(operation: Operation<T>, signal: AbortSignal): Promise<T>;
  subscribe<T>(operation: Operation<T>, signal: AbortSignal): AsyncGenerator<T>;
};

/**
 * Uses the gateway's GraphQL endpoint like any frontend, without a standard client: those hide how a stream ended,
 * which is one of the questions here.
 */
export function createGatewayClient(endpoint: URL, key: Secret | undefined): GatewayClient {
  async function send(accept: string, query: string, variables: object, signal: AbortSignal): Promise<Response> {
    const authorization = key && { authorization: `Bearer ${key.reveal()}` };
    return await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...authorization },
      body: JSON.stringify({ query, variables }),
      // The key is sent nowhere else.
      redirect: 'manual',
      signal,
    });
  }

  return {
    async query({ document, variables = {}, shape }, signal) {
      try {
        const response = await send('application/json', document, variables, signal);
        return readData(await response.text(), shape, response.status);
      } catch (thrown) {
        throw toFinding(thrown, signal);
      }
    },
    async *subscribe({ document, variables = {}, shape }, signal) {
      try {
        const response = await send('text/event-stream', document, variables, signal);
        const { status, headers, body } = response;
        if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) {
          throw refusal(await response.text(), status);
        }
        const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
        for await (const { event, data } of events) {
          if (event === 'complete') return;
          yield readData(data, shape, status);
        }
        throw Finding.of('GATEWAY_UNREACHABLE', 'The stream ended before its "complete" event.');
      } catch (thrown) {
        throw toFinding(thrown, signal);
      }
    },
  };
}

const resultShape = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

function readData<T>(text: string, shape: z.ZodType<T>, status: number): T {
  const result = resultShape.safeParse(parseJson(text)).data;
  if (!result || result.errors) throw refusal(text, status);
  const read = shape.safeParse(result.data);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw Finding.of('ANSWER_MALFORMED', `${issue?.path.join('.') || 'data'}: ${issue?.message}`);
}

/** The gateway answered with something that was not requested. */
function refusal(text: string, status: number): Finding {
  const errors = resultShape.safeParse(parseJson(text)).data?.errors;
  const reason = errors ? errors.map(({ message }) => message).join('; ') : 'not an answer of a gateway';
  const hint = status === 401 ? ' (The key is read from PARLEY_KEY.)' : '';
  return Finding.of('GATEWAY_REFUSED', `HTTP ${status}: ${reason}${hint}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toFinding(thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof Finding) return thrown;
  if (signal.aborted) return signal.reason;
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
  return Finding.of('GATEWAY_UNREACHABLE', `The connection to the gateway failed${code}.`);
}
