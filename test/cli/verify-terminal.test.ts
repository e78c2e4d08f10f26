import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { localProvider, quickSandbox } from '../support/gateway.ts';
import { compileCache, configFolder, exitOf } from '../support/gateway-process.ts';
import { openAiAnswer, openAiStream, sendJson, sendStream, startProvider } from '../support/provider-server.ts';

const entry = fileURLToPath(new URL('../../src/parley.js', import.meta.url));
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux');

describe.skipIf(!hasScript)('parley verify on a terminal (skipped without script of util-linux)', () => {
  /** Runs the command on a pseudo-terminal. `type` presses keys there. */
  function onTerminal(yaml: string, ...args: string[]) {
    const command = ['stty cols 80;', `'${process.execPath}' '${entry}' verify`, ...args].join(' ');
    const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: configFolder({ yaml }),
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache, TERM: 'xterm', SHELL: '/bin/sh' },
    });
    let written = '';
    child.stdout?.on('data', (piece) => {
      written += piece;
    });
    return {
      type: (keys: string) => child.stdin?.write(keys),
      output: () => written,
      shows: async (text: string) => {
        while (!written.includes(text)) await once(child.stdout ?? child, 'data');
      },
      ended: () => exitOf(child),
    };
  }

  it('shows a bar with the model under test, which leaves no trace and never wraps', async () => {
    const { output, ended } = onTerminal(quickSandbox, '--provider', 'ai21', '--provider', 'deepinfra');
    expect(await ended()).toBe(0);
    const drawn = output().split('\r\x1b[K');
    expect(drawn.length).toBeGreaterThan(100);
    const [before, , ...bars] = drawn;
    const after = bars.pop();
    expect(before).toContain('all answered by the sandbox');
    expect(bars.every((bar) => /^█*░* \d+\/150 {2}(ai21|deepinfra)\/\S+( (w|s)?[a-z]*)?$/.test(bar))).toBe(true);
    expect(Math.max(...bars.map((bar) => bar.length))).toBeLessThan(80);
    expect(bars.at(-1)).toMatch(/^█+ 150\/150 /);
    expect(after?.startsWith('\x1b[1mmodel ')).toBe(true);
    expect(after).toContain('\x1b[32m150 of 150 checks passed (100.0 %)\x1b[39m');
  });

  it.each([
    ['y\n', 0, 2],
    ['n\n', 1, 0],
    ['\x04', 1, 0],
    ['\x03', 130, 0],
  ])('asks before it calls real providers, and takes %j for what it is', async (keys, status, calls) => {
    const provider = await startProvider(({ body }, response) =>
      body['stream'] ? sendStream(response, openAiStream(['Hi'])) : sendJson(response, 200, openAiAnswer('Hi')),
    );
    const { type, shows, ended, output } = onTerminal(localProvider(provider.url), '--model', 'local/any');
    await shows('Go on? [y/N] ');
    expect(provider.requests).toHaveLength(0);
    type(keys);
    expect(await ended(), output()).toBe(status);
    expect(provider.requests).toHaveLength(calls);
    expect(output().includes('No request was sent.')).toBe(calls === 0);
    await provider.close();
  });

  it('does not ask for confirmation with --yes', async () => {
    const provider = await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Hi')));
    const { ended, output } = onTerminal(localProvider(provider.url), '--model', 'local/any', '--yes');
    expect(await ended(), output()).toBe(0);
    expect(provider.requests).toHaveLength(2);
    await provider.close();
  });
});
