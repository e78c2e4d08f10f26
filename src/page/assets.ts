import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { findPackageJSON, stripTypeScriptTypes } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export type Asset = {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
};

export type Assets = {
  /** Changes with any file and is part of their paths, so that browsers cache them for ever. */
  readonly version: string;
  /** By name: "main.ts", "lib/marked/marked.esm.js". */
  readonly files: ReadonlyMap<string, Asset>;
};

/** Libraries of the page in node_modules. The first file is the package's entry. */
const libraries = {
  'lit-html': ['lit-html.js'],
  marked: ['lib/marked.esm.js'],
  dompurify: ['dist/purify.es.mjs'],
  '@speed-highlight/core/tokenize': [
    'dist/tokenize.js',
    ...['bash', 'c', 'css', 'diff', 'go', 'java', 'js', 'json', 'py', 'rs', 'sql', 'ts', 'yaml'].map(
      (language) => `dist/languages/${language}.js`,
    ),
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Our own client: what a page imports of it, and the files behind. */
const kit: Readonly<Record<string, string>> = {
  'parley-client': 'client',
  'parley-client/chat': 'chat',
  'parley-client/chat-message': 'chat-message',
  'parley-client/completion': 'completion',
  'parley-client/transport': 'transport',
};

const types: Readonly<Record<string, string>> = {
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads all files of the page. Nothing else is ever served: no request path reaches the disk. */
export async function readAssets(): Promise<Assets> {
  const sources = new Map([...(await readClient()), ...(await readKit()), ...(await readLibraries())]);
  const version = createHash('sha256')
    .update(JSON.stringify([...sources]))
    .digest('base64url')
    .slice(0, 12);
  const files = [...sources].map(async ([name, text]) => [name, await toAsset(name, text)] as const);
  return { version, files: new Map(await Promise.all(files)) };
}

export async function toAsset(name: string, text: string): Promise<Asset> {
  const bytes = Buffer.from(text);
  return { type: types[extname(name)] ?? 'text/html; charset=utf-8', bytes, gzipped: await promisify(gzip)(bytes) };
}

/** Files of types, and one that the page has no use for. */
const unused = /^(operations|document-ids)\.|\.d\.ts$/;

/** The folder of the page: TypeScript in the repository, JavaScript in `dist`. */
function readClient(): Promise<[string, string][]> {
  return readSources(new URL('./client/', import.meta.url), '');
}

/** The folder of parley-client: TypeScript in the repository, JavaScript beside the page in `dist`. */
function readKit(): Promise<[string, string][]> {
  const isBuilt = extname(import.meta.url) === '.js';
  return readSources(new URL(isBuilt ? './kit/' : '../../packages/client/src/', import.meta.url), 'kit/');
}

async function readSources(folder: URL, prefix: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).filter((name) => extname(name) in types && !unused.test(name)).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const text = await readFile(new URL(name, folder), 'utf8');
      const script = name.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
      return [`${prefix}${name}`, isScript(name) ? withPaths(script) : text];
    }),
  );
}

async function readLibraries(): Promise<[string, string][]> {
  return Promise.all(
    Object.entries(libraries).flatMap(([library, files]) => {
      // Not the file that Node would import: some packages have another build for servers.
      const manifest = findPackageJSON(library, import.meta.url);
      if (manifest === undefined) throw new Error(`${library} is not installed`);
      const root = pathToFileURL(manifest);
      return files.map(async (file): Promise<[string, string]> => {
        return [`lib/${library}/${file}`, await readFile(new URL(file, root), 'utf8')];
      });
    }),
  );
}

export function isScript(name: string): boolean {
  return ['.ts', '.js', '.mjs'].includes(extname(name));
}

/** Whether the page loads it only when an answer needs it. */
export function isLazy(name: string): boolean {
  return name.includes('/languages/');
}

/** Browsers resolve no package names, and an import map would have to be an inline script. */
function withPaths(script: string): string {
  return script.replace(/(?<=^(?:import|\}).* from ')([a-z@][a-z/-]*)(?=';)/gm, (name) => {
    if (name in kit) return `./kit/${kit[name]}${extname(import.meta.url)}`;
    const [entry] = libraries[name as keyof typeof libraries] ?? [];
    if (entry === undefined) throw new Error(`The page imports ${name}, which is not among its libraries`);
    return `./lib/${name}/${entry}`;
  });
}
