import { connect } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { type Certificate, createAuthority, hasOpenssl } from '../support/certificates.ts';
import { type Step, startFaultServer } from '../support/fault-server.ts';
import { type NameAnswer, startNameServer } from '../support/name-server.ts';

/**
 * Addresses at which connections fail, on one port of this machine: the name server decides per look-up which of them a name
 * resolves to. Linux has all of 127.0.0.0/8 by default; elsewhere they have to be set up first.
 */

export type Scheme = 'http' | 'https';

const hosts = {
  http: {
    good: '127.0.0.1',
    nobody: '127.0.0.2',
    blackHole: '127.0.0.3',
    reset: '127.0.0.4',
    close: '127.0.0.5',
    encrypted: '127.0.0.6',
    goAway: '127.0.0.7',
    refusedStream: '127.0.0.8',
  },
  https: {
    good: '127.0.0.1',
    expired: '127.0.0.2',
    otherHost: '127.0.0.3',
    selfSigned: '127.0.0.4',
    plain: '127.0.0.5',
    eitherHttp: '127.0.0.6',
    http2Alone: '127.0.0.7',
  },
} as const;

export type Address = keyof (typeof hosts)['http'] | keyof (typeof hosts)['https'] | 'noName' | 'lateName';

/** The address that a name resolves to. */
export type Led = { readonly scheme: Scheme; readonly address: Address };

export type Addresses = AsyncDisposable & {
  /** Settings that make a gateway resolve names here and trust good certificates. */
  readonly env: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<Scheme, number>>;
};

/** Suffix of all names; reserved by RFC 6761. */
export const domain = '.test';

const preload = new URL('../support/local-lookup.ts', import.meta.url);

/** `leadsTo` is called for every look-up; good addresses lead to `port`. Without openssl there is no https, and its port is 0. */
export async function openAddresses(
  port: number,
  names: readonly string[],
  leadsTo: (name: string) => Led,
): Promise<Addresses> {
  const opened = new AsyncDisposableStack();
  const plain = async (host: string, at: number, ...steps: Step[]) => {
    const server = await startFaultServer(
      () => [],
      () => steps,
      { host, port: at },
    );
    opened.use(server);
  };
  const { http, https } = hosts;
  opened.use(await startBlackHole(http.blackHole, port));
  await plain(http.reset, port, 'reset');
  await plain(http.close, port, 'close');
  await plain(http.goAway, port, { write: Buffer.concat([frame(4, 0), frame(7, 0, 0, 0)]) }, 'close');
  await plain(http.refusedStream, port, { write: Buffer.concat([frame(4, 0), frame(3, 1, 7)]) }, 'close');

  const env: Record<string, string> = { NODE_OPTIONS: `--import=${preload}` };
  let encrypted = 0;
  if (hasOpenssl) {
    const authority = createAuthority();
    const good = authority.certify(names);
    const tls = async (host: string, at: number, certificate: Certificate, protocols = ['http/1.1']) => {
      const server = await startTls(host, at, port, { ...certificate, ALPNProtocols: protocols });
      opened.use(server);
      return server.port;
    };
    await tls(http.encrypted, port, good);
    encrypted = await tls(https.good, 0, good);
    await tls(https.expired, encrypted, authority.certify(names, { days: -1 }));
    await tls(https.otherHost, encrypted, authority.certify(['elsewhere.test']));
    await tls(https.selfSigned, encrypted, authority.selfSigned(names));
    await tls(https.eitherHttp, encrypted, good, ['h2', 'http/1.1']);
    await tls(https.http2Alone, encrypted, good, ['h2']);
    await plain(https.plain, encrypted, { write: 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n' }, 'close');
    env['NODE_EXTRA_CA_CERTS'] = authority.file;
  }

  const nameServer = opened.use(await startNameServer((name) => answerOf(leadsTo(name))));
  env['TEST_NAME_SERVER'] = nameServer.url;
  return { env, ports: { http: port, https: encrypted }, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function answerOf({ scheme, address }: Led): NameAnswer {
  if (address === 'noName') return undefined;
  if (address === 'lateName') return { address: hosts.http.good, afterMs: 10_000 };
  const known: Readonly<Record<string, string>> = hosts[scheme];
  const host = known[address];
  if (host === undefined) throw new Error(`There is no address "${address}" for ${scheme}`);
  return { address: host, afterMs: 0 };
}

/** A frame of HTTP/2 (RFC 9113 §4.1) with 32-bit numbers in it. */
function frame(type: number, stream: number, ...numbers: number[]): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(numbers.length * 4, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt32BE(stream, 5);
  const body = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) body.writeUInt32BE(number, index * 4);
  return Buffer.concat([head, body]);
}

/** In front of a plain server. */
async function startTls(
  host: string,
  port: number,
  behind: number,
  options: TlsOptions,
): Promise<AsyncDisposable & { readonly port: number }> {
  const open = new Set<{ destroy(): unknown }>();
  const server = createServer(options, (near) => {
    const far = connect(behind, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Listens in a thread that then sleeps, and fills its backlog: the kernel drops further connections. */
async function startBlackHole(host: string, port: number): Promise<AsyncDisposable> {
  const sleeper = new Worker(
    `const { createServer } = require('node:net');
     const { parentPort, workerData } = require('node:worker_threads');
     createServer().listen({ ...workerData, backlog: 1 }, () => {
       parentPort.postMessage('listening');
       setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 0);
     });`,
    { eval: true, workerData: { host, port } },
  );
  await new Promise((resolve) => sleeper.once('message', resolve));
  const queue = await fill(host, port);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of queue) socket.destroy();
      await sleeper.terminate();
    },
  };
}

/** Until one of them stays pending. */
async function fill(host: string, port: number) {
  const queue = [];
  for (;;) {
    const socket = connect(port, host).on('error', () => {});
    queue.push(socket);
    const isIn = await Promise.race([
      new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true))),
      new Promise<boolean>((resolve) => setTimeout(resolve, 100, false)),
    ]);
    if (!isIn) return queue;
  }
}
