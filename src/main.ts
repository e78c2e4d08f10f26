import { parseArgs } from 'node:util';
import { check } from './cli/check.ts';
import { newKey } from './cli/keys.ts';
import { serve } from './cli/serve.ts';
import { callerName } from './config/callers.ts';
import { ConfigError } from './config/load.ts';
import { printedSchema } from './graphql/schema.ts';

const help = `Parley: one GraphQL endpoint in front of every LLM

Usage: parley [serve] [--check] [--insecure]
       parley schema
       parley keys new NAME

  serve        Serve /graphql. The default.
  schema       Print the GraphQL schema.
  keys new     Make a key for a caller, and print it with the lines for parley.yaml.

  --check      Validate the configuration and exit.
  --insecure   Listen on any address without caller keys. For use behind something that authenticates.
  --help       Print this.

Configuration: .env and parley.yaml of the current folder; see docs/configuration.md.
`;

/** The command line. Gives the exit status. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { check: { type: 'boolean' }, insecure: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    const [command = 'serve', ...rest] = positionals;
    if (values.help) return print(help);
    if (command === 'keys') return keys(rest);
    if (rest.length > 0) return refuse(`Unexpected argument: ${rest[0]}`);
    const source = { directory: process.cwd(), env: process.env, insecure: values.insecure === true };
    switch (command) {
      case 'serve':
        return values.check ? check(source) : await serve(source);
      case 'schema':
        return print(printedSchema());
      default:
        return refuse(`Unknown command: ${command}`);
    }
  } catch (thrown) {
    if (thrown instanceof ConfigError) {
      return refuse(`The configuration is not valid:\n${thrown.problems.map((problem) => `  ${problem}`).join('\n')}`);
    }
    if (isBadArgument(thrown)) return refuse(thrown.message);
    throw thrown;
  }
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
