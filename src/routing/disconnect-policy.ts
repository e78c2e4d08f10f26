import type { Mode } from '../core/adapter.ts';
import type { Caller } from '../core/caller.ts';
import { toInvalidRequest } from '../core/chat.ts';
import { type DisconnectPolicy, disconnectPolicies } from '../core/disconnect-policy.ts';
import type { OperationRequest } from '../core/operation.ts';

/** The policy of a request that is not validated yet. Anything unknown counts as `stop`, and is refused later. */
export function requestedPolicy(input: unknown): DisconnectPolicy {
  const { onDisconnect } = Object(input) as Readonly<Record<string, unknown>>;
  return disconnectPolicies.find((policy) => policy === onDisconnect) ?? 'stop';
}

/** Refuses a policy that the caller may not use, or that has no meaning for a whole answer. */
export function checkDisconnectPolicy({ keep }: Caller, { onDisconnect }: OperationRequest, mode: Mode): void {
  if (onDisconnect === undefined || onDisconnect === 'stop') return;
  if (mode === 'whole') refuse('Only streams can be resumed: use chatStream, or leave it out');
  if (keep?.allow.includes(onDisconnect)) return;
  const allowed = ['stop', ...(keep?.allow ?? [])].join(', ');
  refuse(`This caller may not use "${onDisconnect}". Allowed: ${allowed} (resume.allow)`);
}

function refuse(message: string): never {
  throw toInvalidRequest([{ path: 'onDisconnect', message }]);
}
