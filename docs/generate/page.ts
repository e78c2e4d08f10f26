import { type Column, columns, wireTable } from './columns.ts';
import { modelRules } from './model-rules.ts';
import { bare, describeFate, type Row, rows } from './options.ts';
import { fateOf } from './probe.ts';
import { describeMaxTokens, describeRange, describeStop, ranges } from './ranges.ts';

export function optionTable(): string {
  return table(
    'option',
    rows.map((row) => [row.label, ...columns.map((column) => cell(column, row))]),
  );
}

export function rangeTable(): string {
  return table('option', [
    ...ranges.map((range) => [`\`${range.option}\``, ...columns.map((column) => describeRange(column, range))]),
    ['`stop`', ...columns.map(describeStop)],
    ['`maxTokens`', ...columns.map(describeMaxTokens)],
  ]);
}

function cell(column: Column, row: Row): string {
  const beside = { ...bare, ...row.beside };
  const fate = fateOf(column, beside, row.given);
  const isLost = !fate.refusal && fate.fields.length === 0 && fate.warned.includes(row.option);
  if (isLost) {
    const calm = fateOf(column, { ...beside, reasoningEffort: 'none' }, row.given);
    if (calm.fields.length > 0) return `${describeFate(calm, row)} without reasoning, else warning`;
  }
  return describeFate(fate, row);
}

function table(corner: string, lines: readonly (readonly string[])[]): string {
  const head = [corner, ...columns.map(({ title }) => title)];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function ruleList(): string {
  return modelRules
    .map(([who, sentences]) => [`### ${who}`, '', ...sentences.map((sentence) => `- ${sentence}`)].join('\n'))
    .join('\n\n');
}

export function providersPage(): string {
  return `# What works where

<!-- Written by \`npm run docs\` from the codecs themselves. Do not edit: change docs/generate, or a codec. -->

Every option of \`ChatInput\` that reaches a provider is one of three things there:

- **sent**, under the name in the table, with exactly the value that was given;
- **left out, with a warning** in \`warnings\` of the answer that names the option and says why. That is the fate of options that only
  shape how an answer is written: an answer without them is still an answer;
- **refused** with \`UNSUPPORTED_OPTION\`, before anything is sent or spent. That is the fate of options that change what an answer *is*:
  tools, tool choice, images, no reasoning. The next of \`fallbacks\` is then asked.

No value is ever moved into a range. \`fallbacks\`, \`requestId\`, \`provider\` and \`model\` are the gateway's own, and work everywhere.

## Wires

What a provider is spoken to in. Callers see nothing of it. Where there are two, the catalogue says which one a model takes; of a model that it does
not know, the name: OpenAI's o-series, GPT-5 and later take Responses. \`api\` in [the configuration](configuration.md) holds all models of a provider to
one of them.

${wireTable()}

## Options

For a model that the catalogue does not know; what it knows of a model comes first, and is told below. A field such as
\`generationConfig.topP\` is \`topP\` inside \`generationConfig\`; *as it is* means that the provider does so without being told.

${optionTable()}

## Values

What a provider takes of what \`ChatInput\` allows. Beyond it an option is left out with a warning; only \`maxTokens\` is refused.

${rangeTable()}

## Rules of models

What stands in italics is where a rule shows best: a thread (\`owner/repo#number\`) or a package. The others are from the documentation and
the SDKs of the providers.

${ruleList()}
`;
}
