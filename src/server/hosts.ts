import { isIP } from 'node:net';

/** A host name or address with an optional port, as RFC 9110 §7.2 has it in `Host`. */
const wellFormed = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i;

/**
 * Whether a request with this `Host` header is meant for us. A server on the loopback interface answers only to names of
 * the loopback interface: a web page whose own name was pointed at 127.0.0.1 (DNS rebinding) is not let in.
 */
export function isAllowedHost(header: string | undefined, listensOn: string, loopbackOnly: boolean): boolean {
  if (header === undefined || !wellFormed.test(header)) return false;
  if (!loopbackOnly) return true;
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return host === 'localhost' || host === listensOn || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
