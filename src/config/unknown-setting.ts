import { z } from 'zod';

/** Settings that had another name before 0.2, by their path without array indices. */
const renamed: Readonly<Record<string, string>> = {
  coolDowns: 'cooldowns',
  capacity: 'concurrency',
  'concurrency.calls': 'concurrency.max',
  'concurrency.callsPerProvider': 'concurrency.maxPerProvider',
  'server.stalledReaderMs': 'server.writeTimeoutMs',
  'retries.maxToldMs': 'retries.maxRetryAfterMs',
  'retries.budget.share': 'retries.budget.ratio',
  'redis.localMoneyShare': 'redis.localBudgetShare',
  moneyPerDay: 'budgetPerDayUsd',
  silenceMs: 'idleMs',
  pingsMs: 'keepAliveOnlyMs',
  answerMs: 'responseMs',
  maxTokensField: 'wire.maxTokensField',
  systemRole: 'wire.systemRole',
};

/** Settings that people look for in the file, and which are environment variables. */
const environment: readonly (readonly [pattern: RegExp, hint: (name: string) => string])[] = [
  [/^providers\.([a-z0-9_-]+)\.baseUrl$/, (id) => `set ${variablePrefix(id)}_BASE_URL in the environment or .env`],
  [/^providers\.([a-z0-9_-]+)\.apiKey$/, (id) => `set ${variablePrefix(id)}_API_KEY in the environment or .env`],
  [/^redis\.url$/, () => 'set PARLEY_REDIS_URL in the environment or .env'],
];

/** Names within this edit distance are taken for a misspelling. */
const maxDistance = 2;
/** A name that is longer is no setting: the edit distance costs its length times that of each known name. */
const maxNameChars = 60;

/** What to do about a setting that does not exist: its new name, the variable that it is, or the nearest known name. */
export function explainUnknownSetting(schema: z.ZodType, path: readonly PropertyKey[]): string {
  const names = path.filter((step) => typeof step === 'string');
  const name = names.at(-1) ?? '';
  const to = renamed[names.join('.')] ?? renamed[name];
  if (to) return `Unknown setting. It is called "${to}" now`;
  for (const [pattern, hint] of environment) {
    const found = pattern.exec(names.join('.'));
    if (found) return `Unknown setting here: ${hint(found[1] ?? '')}`;
  }
  const known = keysAt(schema, path.slice(0, -1));
  const nearest = nearestOf(name, known);
  if (nearest) return `Unknown setting. Did you mean "${nearest}"?`;
  return known.length > 0 ? `Unknown setting. Known here: ${known.join(', ')}` : 'Unknown setting';
}

function variablePrefix(id: string): string {
  return id.toUpperCase().replaceAll('-', '_');
}

/** Names that the schema knows at a path, over all alternatives. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const [step, ...rest] = path;
  const inner = alternatives(schema);
  if (step === undefined) return [...new Set(inner.flatMap((one) => Object.keys(shapeOf(one) ?? {})))];
  return [...new Set(inner.flatMap((one) => childrenOf(one, step)).flatMap((child) => keysAt(child, rest)))];
}

/** The schema without the wrappers that change no names: defaults, optional values, transformations, unions. */
function alternatives(schema: z.ZodType): readonly z.ZodType[] {
  if (schema instanceof z.ZodUnion) return (schema.options as readonly z.ZodType[]).flatMap(alternatives);
  if (schema instanceof z.ZodPipe) return alternatives(schema.in as z.ZodType);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return alternatives(schema.unwrap() as z.ZodType);
  }
  return [schema];
}

function childrenOf(schema: z.ZodType, step: PropertyKey): readonly z.ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  const child = shapeOf(schema)?.[String(step)];
  return child ? [child] : [];
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined;
}

function nearestOf(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxNameChars) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.min(maxDistance, Math.floor(name.length / 2)) ? best.candidate : undefined;
}

/** Levenshtein distance, in two rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
