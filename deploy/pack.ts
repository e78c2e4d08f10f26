import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * `npm pack` runs this: the package has the built program, so it needs a few of the dependencies only, and no Node of its
 * own (211 MB). `--restore` puts the repository's package.json back.
 */

/** What dist loads at run time: rolldown.config.ts leaves them out, and the page is made of the last three. */
const needed = [
  '@copilotkit/aimock',
  '@graphql-yoga/render-graphiql',
  '@opentelemetry/api',
  '@speed-highlight/core',
  'dompurify',
  'graphql',
  'lit-html',
  'marked',
];

const file = 'package.json';
const saved = 'dist/package.json.repository';

if (process.argv.includes('--restore')) {
  if (existsSync(saved)) renameSync(saved, file);
} else {
  copyFileSync(file, saved);
  const { dependencies, devDependencies, optionalDependencies, scripts, allowScripts, workspaces, ...rest } =
    JSON.parse(readFileSync(file, 'utf8'));
  const kept = Object.fromEntries(Object.entries(dependencies).filter(([name]) => needed.includes(name)));
  writeFileSync(file, `${JSON.stringify({ ...rest, dependencies: kept }, undefined, 2)}\n`);
}
