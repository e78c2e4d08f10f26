import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';

/**
 * The first minutes of a new user: a clone, the two commands of the README, its first query and its first stream; then
 * a deployment that must refuse to start, and one that must start. The other snippets have tests beside their subject:
 * test/e2e/readme, test/browser/clients, test/config/documentation, test/deploy.
 */

const run = promisify(execFile);
const root = new URL('../../', import.meta.url).pathname;
const clone = join(mkdtempSync(join(tmpdir(), 'parley-clone-')), 'parley');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const commands = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code.trim());
/** A user's shell: without what the test runner and its package scripts set, except the address of the registry. */
const shell: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(PATH|HOME|LANG|TMPDIR|npm_config_(registry|cache))$/i.test(name)),
);
// The machine's own Node, as before anything is installed.
shell['PATH'] = shell['PATH']
  ?.split(':')
  .filter((path) => !path.includes('node_modules'))
  .join(':');

type Started = { readonly url: string | undefined; readonly output: string; stop(): Promise<void> };

/** Runs a command until it serves or ends. */
async function start(command: string, env: NodeJS.ProcessEnv): Promise<Started> {
  const child = spawn('sh', ['-c', `exec ${command}`], { cwd: clone, env: { ...shell, ...env }, detached: true });
  const ended = once(child, 'close');
  let output = '';
  const served = new Promise<string>((resolve) => {
    const read = (piece: Buffer) => {
      output += piece;
      const [, url] = /^Parley serves (http:\S+)\/graphql/m.exec(output) ?? [];
      if (url) resolve(url);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  const url = await Promise.race([served, ended.then(() => undefined)]);
  return {
    ...{ url, output },
    stop: async () => {
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await ended;
    },
  };
}

beforeAll(async () => {
  await run('git', ['clone', '--quiet', root, clone]);
}, 60_000);

describe('a new user', () => {
  it('installs by the first command of the README, without a wall of warnings', async () => {
    const [first = ''] = commands;
    expect(first).toMatch(/^npm ci && npm start /);
    const { stdout, stderr } = await run('npm', ['ci'], { cwd: clone, env: shell });
    expect(`${stdout}${stderr}`).not.toMatch(/EBADENGINE|npm error/);
    expect(`${stdout}${stderr}`.trim().split('\n').length).toBeLessThan(15);
  }, 180_000);

  it('starts it, and gets the answers that the README shows', async () => {
    const { url, output, stop } = await start('npm start', { PORT: '0' });
    expect(url, output).toBeDefined();
    const curls = commands.filter((command) => command.startsWith('curl')).slice(0, 2);
    expect(curls).toHaveLength(2);
    for (const command of curls) {
      const { stdout } = await run('sh', ['-c', `${command.replace('http://127.0.0.1:4000', String(url))} -s`]);
      expect(stdout).toMatch(/"isSandbox":true,"finishReason":"STOP"|"CompletionFinished","finishReason":"STOP"/);
    }
    await stop();
  }, 60_000);

  it('cannot serve the sandbox to callers by accident, and can when it says so', async () => {
    const settings = join(clone, 'parley.yaml');
    const web = callerKey('web');
    await run('sh', ['-c', `cat > ${settings} <<'END'\n${callersYaml(web)}END`]);
    const refused = await start('npm start', { PORT: '0' });
    expect(refused.url).toBeUndefined();
    expect(refused.output).toMatch(/PARLEY_SANDBOX=1/);
    const { url, output, stop } = await start('npm start', { PORT: '0', PARLEY_SANDBOX: '1' });
    expect(url, output).toBeDefined();
    const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${web.key}` } });
    expect(response.status).toBe(200);
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    await stop();
  }, 60_000);
});
