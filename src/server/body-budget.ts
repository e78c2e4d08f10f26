import { HttpError } from '../http/http-error.ts';

/** A response, or what stands for one. */
type Closing = { on(event: 'close', listener: () => void): unknown };

/**
 * Bounds the bytes of request bodies in flight, of the process and of each caller. A body takes several times its size while
 * it is parsed, validated and encoded, so that some tens of large ones would exhaust the heap.
 */
export type BodyBudget = {
  /**
   * Takes bytes for a request, or throws 503 with Retry-After. They are given back when its response is closed. With the
   * announced length of the body the refusal comes before any of it is read.
   */
  reserve(caller: string, response: Closing): (bytes: number) => void;
};

/** One caller may have this share of the process's budget. */
const callerShare = 0.25;

export function createBodyBudget(max: number): BodyBudget {
  let inFlight = 0;
  const byCaller = new Map<string, number>();

  function change(caller: string, bytes: number): void {
    inFlight += bytes;
    const left = (byCaller.get(caller) ?? 0) + bytes;
    if (left > 0) byCaller.set(caller, left);
    else byCaller.delete(caller);
  }

  return {
    reserve(caller, response) {
      let reserved = 0;
      let isClosed = false;
      response.on('close', () => {
        isClosed = true;
        change(caller, -reserved);
        reserved = 0;
      });
      return (bytes) => {
        if (isClosed) return;
        const isTooMuch = inFlight + bytes > max || (byCaller.get(caller) ?? 0) + bytes > max * callerShare;
        // A single body always fits, or a small budget would refuse everything.
        if (isTooMuch && inFlight > 0) {
          const message = `Too many bytes of request bodies in flight (limit ${max}, concurrency.bodyBytes). Retry later.`;
          throw new HttpError(503, 'OVERLOADED', message, { 'retry-after': '1' });
        }
        reserved += bytes;
        change(caller, bytes);
      };
    },
  };
}
