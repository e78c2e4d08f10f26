import { isIP } from 'node:net';

/** A host name or address with an optional port, as RFC 9110 §7.2 has it in `Host`. */
const wellFormed = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i;

export type HostRules = {
  readonly listensOn: string;
  readonly loopbackOnly: boolean;
  /** Names that the operator allows. None given: any, where other machines may come in. */
  readonly allowed: readonly string[] | undefined;
};

/**
 * Whether a request with this `Host` header is meant for us. A server on the loopback interface answers only to names of
 * the loopback interface and those it is told: a web page whose own name was pointed at 127.0.0.1 (DNS rebinding) is not
 * let in. Elsewhere an address is always right, for it is no name that could have been pointed here.
 */
export function isAllowedHost(header: string | undefined, hosts: HostRules): boolean {
  if (header !== undefined && lastAllowed.get(hosts) === header) return true;
  if (!matchesRules(header, hosts)) return false;
  lastAllowed.set(hosts, header);
  return true;
}

/** Nearly all requests of a server name the same. */
const lastAllowed = new WeakMap<HostRules, string>();

function matchesRules(header: string | undefined, { listensOn, loopbackOnly, allowed }: HostRules): header is string {
  // The grammar lets a port of 99999 and an address of 999.0.0.1 pass.
  if (header === undefined || !wellFormed.test(header) || !URL.canParse(`http://${header}`)) return false;
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (allowed?.includes(host)) return true;
  if (!loopbackOnly) return allowed === undefined || isIP(host) !== 0;
  return host === 'localhost' || host === listensOn || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
