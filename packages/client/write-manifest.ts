import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as documents from './src/documents.ts';

/** Writes the ids of the client's operations, for the client and for gateways that run known documents only. */

const operations = Object.values(documents).filter((document) => /^(query|mutation|subscription) /.test(document));
const byId = Object.fromEntries(
  operations.map((document) => [createHash('sha256').update(document).digest('hex'), document]),
);
const names = Object.entries(documents).filter(([, document]) => operations.includes(document));
const ids = names.map(([name, document]) => {
  const [id] = Object.entries(byId).find(([, one]) => one === document) ?? [];
  return `  [${name}]: '${id}',\n`;
});

const here = (path: string) => new URL(path, import.meta.url);
writeFileSync(here('persisted-operations.json'), `${JSON.stringify(byId, null, 2)}\n`);
writeFileSync(
  here('src/document-ids.ts'),
  `import { ${names.map(([name]) => name).join(', ')} } from './documents.ts';

/** Ids of this client's documents (\`npm run operations\`): \`createParley({ documentIds })\`. Their list is persisted-operations.json. */
export const documentIds: Readonly<Record<string, string>> = {
${ids.join('')}};
`,
);
