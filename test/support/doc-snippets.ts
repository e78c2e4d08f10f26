import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The fenced blocks of a page that begin with a file name, by that name. */
export function snippetsOf(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = text.matchAll(/^```(?:ts|js)\n(\/\/ (\S+)\n.*?)^```$/gms);
  return new Map([...blocks].map(([, code = '', file = '']) => [file, code]));
}

/** A user's project: the files, the schema, and the packages of this repository. */
export function createProject(): string {
  const project = mkdtempSync(join(tmpdir(), 'parley-clients-'));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'dir');
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  return project;
}

/** Writes the files into a folder of the project, with the address of the gateway replaced. */
export function writeSnippets(
  project: string,
  folder: string,
  files: ReadonlyMap<string, string>,
  url: string,
): string {
  const path = join(project, folder);
  mkdirSync(path, { recursive: true });
  for (const [file, code] of files) writeFileSync(join(path, file), code.replaceAll('http://127.0.0.1:4000', url));
  return path;
}
