import type { JsonObject } from '../core/json-object.ts';
import type { OutputCheck } from '../core/structured-output.ts';

/** What the validator and its worker send each other. */

export type CheckRequest = { readonly id: number; readonly schema: JsonObject; readonly value: unknown };

/** `ready`: the worker has loaded. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'checked'; readonly id: number; readonly check: OutputCheck };
