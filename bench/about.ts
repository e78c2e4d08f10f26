import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { here } from './processes.ts';

/** The conditions of a result: machine, version of the code, options and time. */

export type About = Readonly<
  Record<'date' | 'commit' | 'version' | 'node' | 'machine' | 'packages' | 'command', string>
>;

export function aboutThisRun(): About {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: here('..'), encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!docs') !== '';
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', '--short', 'HEAD') + (isChanged ? ', with changes' : ''),
    version: versionIn('../package.json'),
    node: process.version,
    machine: `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    packages: [
      ...['graphql', 'graphql-yoga', 'undici'].map(
        (name) => `${name} ${versionIn(`../node_modules/${name}/package.json`)}`,
      ),
      `@portkey-ai/gateway ${versionIn('package.json', '@portkey-ai/gateway')}`,
      told('nginx', '-v'),
      told('wrk', '-v'),
    ].join(', '),
    command: `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
  };
}

function versionIn(path: string, dependency?: string): string {
  const { version, dependencies } = JSON.parse(readFileSync(here(path), 'utf8'));
  return dependency === undefined ? version : dependencies[dependency];
}

/** "nginx version: nginx/1.22.1" and "wrk debian/4.1.0-4 [epoll]": name and number. */
function told(program: string, option: string): string {
  const { stdout, stderr } = spawnSync(program, [option], { encoding: 'utf8' });
  return `${program} ${/\/?(\d+\.\d+[.\d]*)/.exec(stdout + stderr)?.[1] ?? '?'}`;
}
