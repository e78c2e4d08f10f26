import { hasOpenssl } from '../support/certificates.ts';
import type { Address, Scheme } from './addresses.ts';
import { type ConnectionFault, early, fails, ok } from './fault.ts';

/** Failures before an HTTP request can be sent, by the same list of 64. */

type Entry = readonly [
  number: number,
  title: string,
  scheme: Scheme,
  leadsTo: Address,
  outcome: ConnectionFault['outcome'],
];

const unreachable = fails('UPSTREAM_UNREACHABLE');

const entries: readonly Entry[] = [
  [1, 'a connection that is refused', 'http', 'nobody', unreachable],
  [2, 'a port that drops packets', 'http', 'blackHole', fails('UPSTREAM_TIMEOUT')],
  [3, 'a reset when it is accepted', 'http', 'reset', unreachable],
  [4, 'a close when it is accepted', 'http', 'close', unreachable],
  [5, 'a host name that does not resolve', 'http', 'noName', unreachable],
  [6, 'a DNS lookup that takes 10 s', 'http', 'lateName', fails('UPSTREAM_TIMEOUT')],
  [7, 'a certificate that has expired', 'https', 'expired', unreachable],
  [7, 'a certificate of another host', 'https', 'otherHost', unreachable],
  [7, 'a certificate of an unknown authority', 'https', 'selfSigned', unreachable],
  [8, 'plain HTTP where TLS is expected', 'https', 'plain', unreachable],
  // Some close the connection, some send an alert.
  [8, 'TLS where plain HTTP is expected', 'http', 'encrypted', fails('UPSTREAM_MALFORMED', 'UPSTREAM_UNREACHABLE')],
  // Parley speaks HTTP/1.1 only: an HTTP/2 server may offer it, insist on it, or speak it unasked.
  [39, 'HTTP/2 beside HTTP/1.1', 'https', 'eitherHttp', ok],
  [39, 'nothing but HTTP/2', 'https', 'http2Alone', unreachable],
  [39, 'GOAWAY of HTTP/2', 'http', 'goAway', fails('UPSTREAM_MALFORMED')],
  [39, 'a stream that HTTP/2 refuses', 'http', 'refusedStream', fails('UPSTREAM_MALFORMED')],
];

/** All that this machine can play. */
const playable = entries.filter(
  ([, , scheme, leadsTo]) => hasOpenssl || (scheme === 'http' && leadsTo !== 'encrypted'),
);

export const connections: readonly ConnectionFault[] = playable.map(([number, title, scheme, leadsTo, outcome]) => ({
  number,
  title,
  places: early,
  scheme,
  leadsTo,
  outcome,
}));
