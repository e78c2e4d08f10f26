#!/usr/bin/env node
// Plain JavaScript: an older Node has to be able to read this file in order to be refused by it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `Parley needs Node 22.19 or newer, and this is Node ${process.versions.node}; "npm start" uses the Node that "npm ci" brought along.`,
  );
  process.exit(1);
}
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
