import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

/** The package as a user installs it: packed without a build before it, into an empty folder and globally. */

const run = promisify(execFile);
const root = new URL('../../', import.meta.url).pathname;
/** The machine's own Node, which may be an old one. */
const systemNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path));
const folder = mkdtempSync(join(tmpdir(), 'parley-package-'));
let tarball = '';

beforeAll(async () => {
  // A clean checkout: what git knows, and the installed packages.
  const checkout = join(folder, 'checkout');
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of stdout
    .trim()
    .split('\n')
    .filter((name) => existsSync(join(root, name)))) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(join(root, file), join(checkout, file));
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const before = readFileSync(join(checkout, 'package.json'), 'utf8');
  await run('npm', ['pack', '--pack-destination', folder], { cwd: checkout });
  expect(readFileSync(join(checkout, 'package.json'), 'utf8')).toBe(before);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
}, 120_000);

/** Starts a program, asks one question, and stops it. */
async function answerOf(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, PORT: '0' } });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const look = (piece: Buffer) => {
      output += piece;
      const [, found] = /^Parley serves (http:\S+)\/graphql/m.exec(output) ?? [];
      if (found) resolve(found);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('close', () => reject(new Error(`It ended: ${output}`)));
  });
  const query =
    '{ chat(input: { model: "openai/gpt-4o", messages: [{ role: USER, content: "Hello!" }] }) { ... on Completion { text } } }';
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const page = await fetch(`${url}/`);
  expect(page.status).toBe(200);
  child.kill('SIGTERM');
  return text;
}

describe('the package', () => {
  it('is installed into an empty folder, runs on the Node of the project, and is small', async () => {
    const project = join(folder, 'project');
    mkdirSync(project);
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', project, tarball], { cwd: project });
    const program = join(project, 'node_modules/parley-gateway/dist/parley.js');
    expect(await answerOf(process.execPath, [program])).toContain('Hello from Parley');
    expect((await run(process.execPath, [program, '--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { stdout } = await run('du', ['-sm', join(project, 'node_modules')]);
    console.log(`the installed package: ${Number.parseInt(stdout, 10)} MB`);
    expect(Number.parseInt(stdout, 10)).toBeLessThan(100);
    if (!systemNode) return;
    const { stdout: version } = await run(systemNode, ['--version']);
    if (Number(version.slice(1).split('.')[0]) >= 22) return;
    const refused: { stderr: string } = await run(systemNode, [program]).then(
      () => expect.fail('It ran.'),
      (failure) => failure,
    );
    expect(refused.stderr).toContain(`npx -y -p node@26 node ${program}`);
    expect(refused.stderr).not.toContain('npm ci');
  }, 120_000);

  it('is installed globally, with the command "parley"', async () => {
    const prefix = join(folder, 'global');
    await run('npm', ['install', '-g', '--no-audit', '--no-fund', '--prefix', prefix, tarball]);
    expect(await answerOf(process.execPath, [join(prefix, 'bin/parley')])).toContain('Hello from Parley');
  }, 120_000);
});
