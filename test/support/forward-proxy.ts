import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A corporate forward proxy: tunnels by CONNECT, and plain requests in absolute form. */
export type ForwardProxy = AsyncDisposable & {
  readonly url: string;
  /** "CONNECT api.example:443", "POST http://api.example/v1/chat/completions". */
  readonly asked: readonly string[];
  /** The value of `proxy-authorization`. */
  readonly credentials: readonly (string | undefined)[];
  /** Tunnels that are open now. */
  readonly tunnels: ReadonlySet<Socket>;
};

/** `ports` maps host names to ports of this machine; other hosts are answered with 502. */
export async function startForwardProxy(ports: Readonly<Record<string, number>>): Promise<ForwardProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const tunnels = new Set<Socket>();
  const note = (line: string, authorization: string | undefined) => {
    asked.push(line);
    credentials.push(authorization);
  };
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '', 'http://nowhere.example');
    note(`${incoming.method} ${url}`, incoming.headers['proxy-authorization']);
    const port = ports[url.hostname];
    if (port === undefined) return void response.writeHead(502).end();
    const { method, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, path: url.pathname + url.search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket: Socket) => {
    note(`CONNECT ${incoming.url}`, incoming.headers['proxy-authorization']);
    const port = ports[String(incoming.url).split(':')[0] ?? ''];
    socket.on('error', () => {});
    if (port === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    tunnels.add(socket);
    socket.once('close', () => {
      tunnels.delete(socket);
      onward.destroy();
    });
    onward.on('error', () => socket.destroy());
    onward.once('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    credentials,
    tunnels,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const tunnel of tunnels) tunnel.destroy();
      }),
  };
}
