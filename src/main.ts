import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { newKey } from './cli/keys.ts';
import type { CliSource } from './cli/settings.ts';
import { UsageError } from './cli/verify/options.ts';
import { callerName } from './config/callers.ts';
import { ConfigError } from './config/load.ts';

const help = `Parley: one GraphQL endpoint in front of every LLM

Usage: parley [serve] [--check] [--insecure]
       parley verify [--help] ...
       parley schema
       parley keys new NAME

  serve        Serve /graphql, and OpenAI's paths under /v1. The default.
  verify       Send a request to every available model, and check its answers. See \`parley verify --help\`.
  schema       Print the GraphQL schema.
  keys new     Make a key for a caller, and print it with the lines for parley.yaml.

  --check      Validate the configuration and exit.
  --insecure   Listen on any address without caller keys. For use behind something that authenticates.
  --help       Print this.
  --version    Print the version.

Configuration: .env and parley.yaml of the current folder; see docs/configuration.md.
`;

/** The command line. Returns the exit status. Each command is loaded on demand: help does not need the gateway. */
export async function main(args: string[]): Promise<number> {
  try {
    if (args[0] === 'verify') {
      const { verify } = await import('./cli/verify.ts');
      return await verify(args.slice(1), sourceOf(false));
    }
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        check: { type: 'boolean' },
        insecure: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
    const [command = 'serve', ...rest] = positionals;
    if (values.help) return print(help);
    if (values.version) return print(`${version()}\n`);
    if (command === 'keys') return keys(rest);
    if (rest.length > 0) return refuse(`Unexpected argument: ${rest[0]}`);
    const source = sourceOf(values.insecure === true);
    switch (command) {
      case 'serve': {
        if (values.check) return (await import('./cli/check.ts')).check(source);
        const { serve } = await import('./cli/serve.ts');
        return await serve(source);
      }
      case 'verify':
        return refuse('Write "verify" first: its options are its own.');
      case 'schema':
        return print((await import('./graphql/schema.ts')).printedSchema());
      default:
        return refuse(`Unknown command: ${command}`);
    }
  } catch (thrown) {
    if (thrown instanceof ConfigError) {
      return refuse(`The configuration is not valid:\n${thrown.problems.map((problem) => `  ${problem}`).join('\n')}`);
    }
    if (isBadArgument(thrown) || thrown instanceof UsageError) return refuse(thrown.message);
    throw thrown;
  }
}

/** package.json is beside `src` in the repository, and beside `dist` in the package. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function sourceOf(insecure: boolean): CliSource {
  return { directory: process.cwd(), env: process.env, insecure };
}

function keys([verb, name, ...rest]: string[]): number {
  if (verb !== 'new' || name === undefined || rest.length > 0) return refuse('Usage: parley keys new NAME');
  if (!callerName.safeParse(name).success) return refuse('Name a caller with letters, digits, ".", "_" and "-".');
  return print(newKey(name));
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function refuse(message: string): number {
  console.error(message);
  return 1;
}

function isBadArgument(thrown: unknown): thrown is Error {
  return thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS');
}
