#!/usr/bin/env node
import { fileURLToPath } from 'node:url';

// Plain JavaScript: an older Node has to be able to read this file in order to be refused by it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  // In the repository npm ci installs a Node; an installed package runs on the one that is there.
  const isInstalled =
    /[\\/]dist[\\/][^\\/]*$/.test(process.argv[1] ?? '') || import.meta.url.includes('/node_modules/');
  const remedy = isInstalled
    ? `Install a newer one (https://nodejs.org), or run it once with: npx -y -p node@26 node ${fileURLToPath(import.meta.url)}`
    : '"npm start" uses the Node that "npm ci" brought along.';
  console.error(`Parley needs Node 22.19 or newer, and this is Node ${process.versions.node}. ${remedy}`);
  process.exit(1);
}
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
