import { isIP } from 'node:net';
import { HttpError } from '../http/http-error.ts';

/** A host name or address with an optional port, as RFC 9110 §7.2 has it in `Host`. */
const wellFormed = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i;
/** RFC 1035 §2.3.4 has 253 for the name; the port adds six. */
const maxChars = 260;

export type HostRules = {
  readonly listensOn: string;
  readonly loopbackOnly: boolean;
  /** Names that the operator allows (server.hosts). Undefined: any name, where other machines can connect. */
  readonly allowed: readonly string[] | undefined;
};

/** Names the host, so that it can be copied into the configuration. A header that is no host name is not repeated. */
export function badHost(header: string | undefined): HttpError {
  const name = header !== undefined && header.length <= maxChars && wellFormed.test(header) ? header : undefined;
  const host = name?.replace(/:\d+$/, '');
  const message = host
    ? `This server does not serve the host "${host}". To allow it, add it to server.hosts in parley.yaml: server: { hosts: ["${host}"] }.`
    : 'The Host header names no host.';
  return new HttpError(400, 'BAD_HOST', message);
}

/**
 * Whether a `Host` header names this server. A server on the loopback interface accepts loopback names and the configured
 * ones: a web page whose own name was pointed at 127.0.0.1 (DNS rebinding) is refused. Elsewhere an IP address is always
 * accepted, for no name was resolved.
 */
export function isAllowedHost(
  header: string | undefined,
  { listensOn, loopbackOnly, allowed }: HostRules,
): header is string {
  // The grammar lets a port of 99999 and an address of 999.0.0.1 pass; URL does not.
  if (header === undefined || header.length > maxChars || !wellFormed.test(header)) return false;
  if (!URL.canParse(`http://${header}`)) return false;
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (allowed?.includes(host)) return true;
  if (!loopbackOnly) return allowed === undefined || isIP(host) !== 0;
  return host === 'localhost' || host === listensOn || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
