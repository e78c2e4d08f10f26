import { HttpError } from './http-error.ts';

/** Bounds connections that stay open between operations: WebSockets, and event streams of the single connection mode. */
export type ConnectionBudget = {
  /** Counts a connection for a caller, and returns how to give it back. Throws 503 where there are too many. */
  take(caller: string): () => void;
};

/** One caller may have this share of the connections, so that it never keeps others out. */
const callerShare = 0.25;

/** A budget of `max` connections. 0: none is accepted. */
export function createConnectionBudget(max: number): ConnectionBudget {
  const perCaller = Math.ceil(max * callerShare);
  const byCaller = new Map<string, number>();
  let open = 0;
  return {
    take(caller) {
      const own = byCaller.get(caller) ?? 0;
      if (open >= max || own >= perCaller) {
        const message = `Too many open connections (limit ${max}, of one caller ${perCaller}; concurrency.maxConnections). Close one, or send requests without one.`;
        throw new HttpError(503, 'OVERLOADED', message, { 'retry-after': '1' });
      }
      open += 1;
      byCaller.set(caller, own + 1);
      let isGivenBack = false;
      return () => {
        if (isGivenBack) return;
        isGivenBack = true;
        open -= 1;
        const left = (byCaller.get(caller) ?? 1) - 1;
        if (left > 0) byCaller.set(caller, left);
        else byCaller.delete(caller);
      };
    },
  };
}
