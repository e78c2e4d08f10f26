import { parseArgs } from 'node:util';
import { z } from 'zod';

export const verifyHelp = `Usage: parley verify [--url URL] [--provider ID]... [--model NAME]... [--seed] [--features]
                     [--concurrency N] [--timeout S] [--json FILE] [--yes]

Asks models one short question, whole and streamed, and checks what comes back.

  --url URL         Ask a gateway that runs. Default: one is started for this, configured as for serve.
  --provider ID     Only models of this provider. Can be given several times.
  --model NAME      Only this model: its id ("openai/gpt-4o"), or its bare name. Can be given several times.
  --seed            Only the 103 models that were promised from the first day.
  --features        Also ask for what each model supports: a PDF, JSON by schema, a web search, a picture,
                    logprobs. One more request for each.
  --concurrency N   Models asked at the same time. Default: 4.
  --timeout S       Seconds that one check may take. Default: 120.
  --json FILE       Write a report.
  --yes             Do not ask before calls to real providers.

Retired models are asked in the sandbox, or if --model or --seed names them.
PARLEY_KEY, where it is set, is sent to the gateway as a bearer token.
The exit status is 0 if all checks passed, 1 if one failed, 130 after Ctrl-C.
`;

/** The command line asks for something impossible. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const wholeNumber = (most: number) => {
  const error = `expected a whole number from 1 to ${most}`;
  return z.coerce.number(error).int(error).min(1, error).max(most, error);
};

const optionsSchema = z.object({
  url: z
    .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:4000' })
    .transform((text) => new URL(text))
    .refine(({ username, password }) => !username && !password, 'put the key into PARLEY_KEY instead')
    .optional(),
  provider: z.array(z.string()).default([]),
  model: z.array(z.string()).default([]),
  seed: z.boolean().default(false),
  features: z.boolean().default(false),
  concurrency: wholeNumber(64).default(4),
  /** Seconds. */
  timeout: wholeNumber(3_600).default(120),
  json: z.string().min(1, 'expected the name of a file').optional(),
  yes: z.boolean().default(false),
  help: z.boolean().default(false),
});

export type VerifyOptions = Readonly<z.output<typeof optionsSchema>>;

export function readOptions(args: string[]): VerifyOptions {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      provider: { type: 'string', multiple: true },
      model: { type: 'string', multiple: true },
      seed: { type: 'boolean' },
      features: { type: 'boolean' },
      concurrency: { type: 'string' },
      timeout: { type: 'string' },
      json: { type: 'string' },
      yes: { type: 'boolean', short: 'y' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const result = optionsSchema.safeParse(values);
  if (result.success) return result.data;
  throw new UsageError(result.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
}
