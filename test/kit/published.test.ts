import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

/** What the packages promise to those who install them: sizes, and where they come from. */

const folder = fileURLToPath(new URL('../../packages/', import.meta.url));

/** Bytes of a minified and gzipped module, without the framework; parley-client is within those that build on it. */
const limits = {
  client: { 'src/client.ts': 4_096, 'src/chat.ts': 2_560 },
  react: { 'src/react.ts': 3_072 },
  vue: { 'src/use-chat.ts': 3_072 },
  svelte: { 'src/chat-store.ts': 3_072 },
  'ai-sdk': { 'src/transport.ts': 2_560 },
  'ag-ui': { 'src/agent.ts': 2_048 },
};

describe.each(Object.entries(limits))('packages/%s', (name, files) => {
  const manifest = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'));

  it.each(Object.entries(files))('has a small %s', async (file, limit) => {
    const external = Object.keys(manifest.peerDependencies ?? {});
    await using bundle = await rolldown({
      input: join(folder, name, file),
      external: (id) => external.some((peer) => id === peer || id.startsWith(`${peer}/`)),
      resolve: { conditionNames: ['parley-source', 'import', 'default'] },
    });
    const { output } = await bundle.generate({ minify: true, format: 'esm' });
    const bytes = gzipSync(output[0].code, { level: 9 }).length;
    console.log(`packages/${name}/${file}: ${bytes} bytes gzipped`);
    expect(bytes).toBeLessThanOrEqual(limit);
  });

  it('is published with its provenance, its licence and its documentation', () => {
    expect(manifest).toMatchObject({
      license: 'MIT',
      type: 'module',
      publishConfig: { access: 'public', provenance: true },
    });
    expect(existsSync(join(folder, name, 'README.md'))).toBe(true);
    expect(Object.keys(manifest.dependencies ?? {}).filter((one) => one !== 'parley-client')).toEqual([]);
  });
});
