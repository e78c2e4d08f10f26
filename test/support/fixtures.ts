import { readFileSync } from 'node:fs';
import type { FinishReason } from '../../src/core/completion.ts';
import { sharedFixtures } from './shared.ts';

/** A row of the table of recorded provider answers and their content. */
export type Fixture = {
  readonly file: string;
  readonly provider: string;
  /** Its name in wires.ts. */
  readonly wire: string;
  readonly kind: 'whole' | 'stream' | 'error';
  /** The provider's error code, for failures with HTTP 200. */
  readonly failure: string | undefined;
  readonly bytes: Buffer;
  readonly text: Excerpt;
  readonly reasoning: Excerpt;
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | undefined;
  readonly usage: FixtureUsage | undefined;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly citations: number | undefined;
  readonly refusal: string | undefined;
  /** For an error body: its status and message. */
  readonly status: number;
  readonly message: string;
};

/** Cached, written and reasoning tokens are 0 where the provider reports none. */
export type FixtureUsage = Readonly<Record<'input' | 'output' | 'total' | 'cached' | 'written' | 'reasoning', number>>;

/** The beginning of a text, and its length in code points. */
type Excerpt = { readonly start: string; readonly length: number };

const finishReasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  LENGTH: 'length',
  TOOL_CALLS: 'tool_call',
  CONTENT_FILTER: 'content_filter',
  ERROR: 'error',
  OTHER: 'other',
};

/** Folders of wires that the gateway speaks. */
const folders = [
  'openai',
  'openai-compatible',
  'anthropic',
  'google',
  'mistral',
  'cohere',
  'deepseek',
  'xai',
  'qwen',
  'perplexity',
  'openai-responses',
  'xai-responses',
  'perplexity-agent',
];

/** Wires whose folders have other names. */
const wireOf: Readonly<Record<string, string>> = {
  'openai-compatible': 'xai',
  'perplexity-agent': 'perplexity-responses',
};

/** All recordings of these folders; empty where they are absent. */
export function readFixtures(): readonly Fixture[] {
  if (!sharedFixtures) return [];
  const rows = readFileSync(`${sharedFixtures}README.md`, 'utf8').matchAll(/^\| ([a-z0-9-]+)\/(\S+) \| (.*) \|$/gm);
  return [...rows].flatMap(([, folder = '', name = '', rest = '']) =>
    folders.includes(folder) ? [readRow(folder, name, rest.split(' | '))] : [],
  );
}

function readRow(folder: string, name: string, cells: readonly string[]): Fixture {
  const [, kind = '', exercises = '', text = '', reasoning = '', finish = '', usage = '', calls = '', extras = ''] =
    cells;
  const recorded = readFileSync(`${sharedFixtures}${folder}/${name}`);
  const isStream = kind.startsWith('stream');
  const wire = wireOf[folder] ?? folder;
  const [, word = '', raw] = /^([A-Z_]+)(?: \(`([^`]*)`)?/.exec(finish) ?? [];
  return {
    file: `${folder}/${name}`,
    provider: wire.replace(/-responses$/, ''),
    wire,
    kind: isStream ? 'stream' : kind.startsWith('error') ? 'error' : 'whole',
    bytes: isStream ? toServerSentEvents(folder, recorded.toString()) : recorded,
    text: readExcerpt(text),
    // The table has Cohere's plan of tool calls as a field; here it is reasoning.
    reasoning: readExcerpt(reasoning === '-' ? (/tool_plan (.+)$/.exec(extras)?.[1] ?? '') : reasoning),
    finishReason: finishReasons[word] ?? 'other',
    rawFinishReason: raw,
    usage: readUsage(usage),
    toolCalls: readCalls(calls),
    status: Number(/HTTP (\d+) body/.exec(exercises)?.[1] ?? 200),
    message: JSON.parse(/^ERROR: `(\{.*\})`/.exec(finish)?.[1] ?? '{}').message ?? '',
    failure: /^ERROR \(.*\bcode (\w+)/.exec(finish)?.[1],
    refusal: JSON.parse(/refusal `(".*")`/.exec(extras)?.[1] ?? 'null') ?? undefined,
    citations: Number(/citations (\d+)/.exec(extras)?.[1] ?? Number.NaN) || undefined,
  };
}

function readExcerpt(cell: string): Excerpt {
  const [, start, length] = /^`(".*")` \((\d+) ch\)$/.exec(cell) ?? [];
  return start ? { start: JSON.parse(start), length: Number(length) } : { start: '', length: 0 };
}

function readUsage(cell: string): FixtureUsage | undefined {
  const [, input, output, total] = /^(\d+)\/(\d+)\/(\d+)/.exec(cell) ?? [];
  if (!input) return undefined;
  const part = (name: string) => Number(new RegExp(`\\b${name} (\\d+)`).exec(cell)?.[1] ?? 0);
  return {
    input: Number(input),
    output: Number(output),
    total: Number(total),
    cached: part('cached'),
    written: part('cache_write'),
    reasoning: part('reasoning'),
  };
}

function readCalls(cell: string): Fixture['toolCalls'] {
  return [...cell.matchAll(/([A-Za-z_]\w*) `(.*?)`/g)].map(([, name = '', json = '']) => ({
    name,
    arguments: JSON.parse(json),
  }));
}

/** The table has the payloads only; this is the body around them. */
function toServerSentEvents(folder: string, lines: string): Buffer {
  const isResponses = folder.endsWith('-responses') || folder === 'perplexity-agent';
  const named = folder === 'anthropic' || folder === 'cohere' || folder.endsWith('-responses');
  const end = folder === 'google' ? '\r\n' : '\n';
  const events = lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `${named ? `event: ${JSON.parse(line).type}${end}` : ''}data: ${line}${end}${end}`);
  const done = folder === 'anthropic' || folder === 'google' || isResponses ? '' : 'data: [DONE]\n\n';
  return Buffer.from(events.join('') + done);
}
