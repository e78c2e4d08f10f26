import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the files of the page', () => {
  let gateway: RunningGateway;
  let text: string;
  beforeAll(async () => {
    gateway = await openGateway({ yaml: quickSandbox });
    text = await (await fetch(gateway.url)).text();
  });
  afterAll(() => gateway?.[Symbol.asyncDispose]());

  const parts = () => [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);

  it('are all served, under a policy that allows nothing else', async () => {
    expect(parts().length).toBeGreaterThan(20);
    expect(text).not.toMatch(/<style|<script(?![^>]* src=)|https?:/);
    for (const path of parts()) {
      const part = await fetch(gateway.url + path);
      expect([path, part.status]).toEqual([path, 200]);
      expect(part.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'/,
      );
      expect(part.headers.get('x-content-type-options')).toBe('nosniff');
      expect(part.headers.get('cache-control')).toContain('immutable');
      if (/\.(ts|mjs|js)$/.test(path)) expect(part.headers.get('content-type')).toMatch(/^text\/javascript/);
    }
  });

  it('preload every module, and none by the name of a package', async () => {
    const scripts = parts().filter((path) => /\.(ts|mjs|js)$/.test(path));
    for (const path of scripts) {
      const code = await (await fetch(gateway.url + path)).text();
      for (const [, from = ''] of code.matchAll(/^(?:import|export|\}).* from '([^']+)';$/gm)) {
        expect(scripts).toContain(new URL(from, gateway.url + path).pathname);
      }
    }
  });

  it('are from packages in dependencies, not devDependencies', () => {
    const used = new Set(parts().flatMap((path) => /\/lib\/(@[^/]+\/[^/]+|[^/]+)\//.exec(path)?.[1] ?? []));
    expect(used.size).toBe(4);
    expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining([...used]));
  });

  it('are requested once: the page by its ETag, everything else never again', async () => {
    const first = await fetch(gateway.url);
    const tag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('no-cache');
    expect((await fetch(gateway.url, { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect((await fetch(`${gateway.url}/page/another-version/main.ts`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/page/..%2f..%2fpackage.json`)).status).toBe(404);
  });

  it('are smaller than 120 KiB', async () => {
    let bytes = 0;
    for (const path of ['/', ...parts()]) {
      const { headers } = await fetch(gateway.url + path, { headers: { 'accept-encoding': 'gzip' } });
      expect(headers.get('content-encoding')).toBe('gzip');
      bytes += Number(headers.get('content-length'));
    }
    console.log(`the page: ${parts().length + 1} files, ${(bytes / 1024).toFixed(0)} KiB gzipped`);
    expect(bytes).toBeLessThan(120 * 1024);
  });
});

describe('the types of the operations of the page and of parley-client', () => {
  it('equal those of the schema (npm run operations)', async () => {
    // In a process of its own: here, graphql is not the one that the generator imports.
    const generator = [`${root}node_modules/.bin/graphql-codegen`, '--check'];
    await expect(promisify(execFile)(process.execPath, generator, { cwd: root })).resolves.toBeDefined();
  });
});
