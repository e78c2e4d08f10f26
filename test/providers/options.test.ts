import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { providersPage } from '../../docs/generate/page.ts';

describe('docs/providers.md', () => {
  it('equals what the codecs do', () => {
    const printed = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');
    expect(printed === providersPage(), 'docs/providers.md is out of date: "npm run docs" writes it anew').toBe(true);
  });
});
