import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMediaFetcher, type MediaFetcherParts } from '../../src/upstream/fetch-media.ts';
import { isPublicAddress } from '../../src/upstream/public-address.ts';

/** Remote images, from a server in this process that plays a public one. */

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const images: Readonly<Record<string, Buffer>> = {
  'image/png': png,
  'image/jpeg': Buffer.from('ffd8ffe000104a46494600', 'hex'),
  'image/gif': Buffer.from('GIF89a......'),
  'image/webp': Buffer.from('RIFF....WEBPVP8 '),
};

const pages: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/cat.png': (response) => send(response, png),
  '/a/b?signature=canary': (response) => send(response, png, { 'content-type': 'IMAGE/PNG; charset=binary' }),
  '/redirect': (response) => void response.writeHead(302, { location: 'https://169.254.169.254/' }).end(),
  '/missing': (response) => void response.writeHead(404, { 'content-type': 'image/png' }).end(png),
  '/page': (response) => send(response, Buffer.from('<html>'), { 'content-type': 'text/html' }),
  '/svg': (response) => send(response, Buffer.from('<svg/>'), { 'content-type': 'image/svg+xml' }),
  '/pretended': (response) => send(response, Buffer.from('<html>')),
  '/untyped': (response) => void response.writeHead(200).end(png),
  '/zipped': (response) => send(response, png, { 'content-encoding': 'gzip' }),
  '/claims-much': (response) => send(response, png, { 'content-length': String(11 * 1024 * 1024) }),
  '/sends-much': (response) => send(response, Buffer.concat([png, Buffer.alloc(11 * 1024 * 1024)])),
  '/silent': () => {},
  '/stalls': (response) => void response.writeHead(200, { 'content-type': 'image/png' }).write(png),
};
for (const [type, bytes] of Object.entries(images)) {
  Object.assign(pages, { [`/${type}`]: (response: ServerResponse) => send(response, bytes, { 'content-type': type }) });
}

function send(response: ServerResponse, bytes: Buffer, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'image/png', ...headers }).end(bytes);
}

let server: Server;
let asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.host}${request.url}`);
    pages[request.url ?? '']?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const publicAddress = { address: '93.184.215.14', family: 4 };

/** Connects to the server here, but only when the guard lets the name pass. */
const connector: NonNullable<MediaFetcherParts['connector']> = (lookup) => (options, done) => {
  lookup(options.hostname, { all: true }, (failure) => {
    if (failure) return done(failure, null);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.once('connect', () => done(null, socket));
    socket.on('error', () => {});
  });
};

function fetchImage(url: string, parts: MediaFetcherParts = {}, signal = new AbortController().signal) {
  asked = [];
  return createMediaFetcher({ resolve: async () => [publicAddress], connector, ...parts })(
    { type: 'image', url },
    signal,
  );
}

describe('an image', () => {
  it.each(Object.entries(images))('of type %s becomes a data URL', async (type, bytes) => {
    const expected = `data:${type};base64,${bytes.toString('base64')}`;
    expect(await fetchImage(`https://images.example/${type}`)).toBe(expected);
  });

  it('is requested by its whole URL, with any spelling of its type', async () => {
    expect(await fetchImage('https://images.example/a/b?signature=canary')).toMatch(/^data:image\/png;base64,/);
    expect(asked).toEqual(['GET images.example/a/b?signature=canary']);
  });

  it.each([
    ['/redirect', 'a redirect, which is not followed'],
    ['/missing', 'answers HTTP 404'],
    ['/page', 'is no PNG, JPEG, GIF or WebP image'],
    ['/svg', 'is no PNG, JPEG, GIF or WebP image'],
    ['/pretended', 'is no PNG, JPEG, GIF or WebP image'],
    ['/untyped', 'is no PNG, JPEG, GIF or WebP image'],
    ['/zipped', 'compressed'],
    ['/claims-much', 'has more than 10485760 bytes'],
    ['/sends-much', 'has more than 10485760 bytes'],
  ])('that is none (%s) is refused', async (path, why) => {
    const failed = fetchImage(`https://images.example${path}`);
    const message = expect.stringContaining('The image at images.example ');
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_REQUEST', retryable: false, message });
    await expect(failed).rejects.toThrow(why);
    expect(asked).toHaveLength(1);
  });

  it.each(['/silent', '/stalls'])('that fails (%s) is given up', async (path) => {
    const failed = fetchImage(`https://images.example${path}`, { timeoutMs: 50 });
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringMatching(/in time/) });
  });

  it('is cancelled when the client disconnects', async () => {
    const caller = new AbortController();
    const failed = fetchImage('https://images.example/stalls', {}, caller.signal);
    caller.abort();
    await expect(failed).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('an address', () => {
  it.each([
    'http://images.example/cat.png',
    'ftp://images.example/cat.png',
    'https://user:canary@images.example/cat.png',
    'https://user@images.example/cat.png',
    'https://localhost/cat.png',
    'https://localhost./cat.png',
    'https://LOCALHOST/cat.png',
    'https://a.localhost/cat.png',
    'https://printer.local/cat.png',
    'https://metadata.google.internal/cat.png',
    'https://127.0.0.1/cat.png',
    'https://127.1/cat.png',
    'https://127.0.0.1./cat.png',
    'https://2130706433/cat.png',
    'https://0x7f000001/cat.png',
    'https://0x7f.0.0.1/cat.png',
    'https://017700000001/cat.png',
    'https://0177.0.0.01/cat.png',
    'https://0/cat.png',
    'https://\u2460\u2461\u2466.0.0.1/cat.png',
    'https://10.1.2.3/cat.png',
    'https://100.64.0.1/cat.png',
    'https://169.254.169.254/latest/meta-data/',
    'https://172.31.255.255/cat.png',
    'https://192.168.0.1/cat.png',
    'https://198.18.0.1/cat.png',
    'https://224.0.0.1/cat.png',
    'https://255.255.255.255/cat.png',
    'https://[::]/cat.png',
    'https://[::1]/cat.png',
    'https://[::ffff:127.0.0.1]/cat.png',
    'https://[::ffff:7f00:1]/cat.png',
    'https://[::127.0.0.1]/cat.png',
    'https://[64:ff9b::7f00:1]/cat.png',
    'https://[64:ff9b::169.254.169.254]/cat.png',
    'https://[2002:7f00:1::]/cat.png',
    'https://[2001:0:7f00:1::]/cat.png',
    'https://[fe80::1]/cat.png',
    'https://[fc00::1]/cat.png',
    'https://[fd00:ec2::254]/cat.png',
    'https://[ff02::1]/cat.png',
  ])('like %s is refused before anything is sent', async (url) => {
    // What is not recognized as an address must not pass the resolver as a name either.
    const inside = { address: '127.0.0.1', family: 4 };
    const failed = fetchImage(url, { resolve: async () => [inside] });
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(failed).rejects.not.toThrow(/canary|meta-data/);
    expect(asked).toEqual([]);
  });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.1', '93.184.215.14'],
    ['93.184.215.14', '169.254.169.254'],
    ['::1'],
    ['::ffff:10.0.0.1'],
    ['64:ff9b::a00:1'],
    ['fe80::1%eth0'],
    ['not an address'],
    [],
  ])('whose name leads to %s is refused', async (...addresses) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const failed = fetchImage('https://images.example/cat.png', { resolve: async () => found });
    await expect(failed).rejects.toThrow('The image at images.example is not on the public internet.');
    expect(asked).toEqual([]);
  });

  it.each(['localhost', 'localhost.', 'a.LOCALHOST', 'printer.local', 'metadata.google.internal.'])(
    'with the local name %s is refused, wherever it leads',
    async (name) => {
      await expect(fetchImage(`https://${name}/cat.png`)).rejects.toThrow('is not on the public internet');
      expect(asked).toEqual([]);
    },
  );

  it('is resolved once for each image, and that result is used', async () => {
    const answers = [publicAddress, { address: '127.0.0.1', family: 4 }];
    let lookups = 0;
    const resolve = async () => [answers[lookups++] ?? publicAddress];
    await fetchImage('https://rebinding.example/cat.png', { resolve });
    expect(lookups).toBe(1);
    await expect(fetchImage('https://rebinding.example/cat.png', { resolve })).rejects.toThrow(
      'not on the public internet',
    );
    expect(lookups).toBe(2);
  });

  it('of an unknown host could not be fetched', async () => {
    const resolve = () => Promise.reject(new Error('ENOTFOUND'));
    await expect(fetchImage('https://nowhere.example/', { resolve })).rejects.toThrow('could not be fetched');
  });

  it('is connected to the resolved address only', async () => {
    // The real connector: a second name resolution would lead to the public address.
    const parts = { resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
    await expect(
      createMediaFetcher(parts)({ type: 'image', url: 'https://example.com/' }, AbortSignal.timeout(5000)),
    ).rejects.toThrow('The image at example.com is not on the public internet.');
  });
});

it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::200e'])(
  'takes %s for public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);
