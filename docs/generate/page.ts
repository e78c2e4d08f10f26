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
  if (isLost && row.option !== 'reasoningBudget') {
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

With this page you can see what each provider does with each option. Every option of \`ChatInput\` that reaches a provider is one
of three things there:

- **sent**, under the name in the table, with exactly the value that was given;
- **left out, with a warning** in \`warnings\` of the answer that names the option and the reason: options that only shape how an
  answer is written;
- **refused** with \`UNSUPPORTED_OPTION\`, before anything is sent or spent: options that change what an answer *is* (tools, tool
  choice, media, server tools, kinds of output, no reasoning). The next of \`fallbacks\` is then tried.

No value is ever clamped into a range. \`fallbacks\`, \`requestId\`, \`provider\` and \`model\` are the gateway's own, and work
everywhere.

## Wires

The wire format of each provider; callers see no difference. Where there are two, the catalogue decides per model; for a model that it
does not know, the name decides: OpenAI's o-series, GPT-5 and later take Responses. \`api\` in [the configuration](configuration.md)
pins all models of a provider to one of them.

${wireTable()}

## Options

For a model that the catalogue does not know; its facts about a model take precedence, and are listed below. A field such as
\`generationConfig.topP\` is \`topP\` inside \`generationConfig\`; *as it is* means that this is the provider's default.

${optionTable()}

## What is tolerated in answers

Servers that claim a wire deviate from it. These deviations are accepted; \`test/providers\` has a test for each.

| deviation | of | read as |
| --- | --- | --- |
| tool call pieces without \`index\`, without \`id\`, with index 0 for all, with an id that changes or repeats, with the word "null" for an id | servers on Chat Completions | separate calls, each with an id of its own |
| \`function_call\` in place of \`tool_calls\` | older servers on Chat Completions | one tool call |
| a call without a name | all | \`UPSTREAM_MALFORMED\` |
| another finish reason beside tool calls | all | \`TOOL_CALL\`, unless the answer was cut off or filtered |
| a whole answer inside an event, or a JSON body typed as an event stream | all | the answer |
| an event stream in reply to a whole request | all | the answer |
| a list of pieces (\`alt=sse\` lost) | Google | the answer |
| items only in the final event | Responses | the items |
| output tokens, and no text, reasoning, call or refusal | all | \`UPSTREAM_MALFORMED\`, which is retried or falls back |
| a delta of a block that was not started | Anthropic | the start of its block |
| input both at the start of a block and in pieces | Anthropic | the pieces |
| \`usage\` inside \`choices[0]\`; a later count of 0 or null | Chat Completions; all | usage; the known count |
| sources over several chunks | all | all of them, each URL once |
| integers beyond 2^53 in arguments | all | their digits, in both directions |
| events up to 32 MB | all | the event |
| compressed error bodies | all | the error (gzip, deflate, br; up to 1 MB) |
| \`"error": null\` | all | no error |
| \`<think>…</think>\` in the text | Perplexity, DeepInfra, configured servers with \`inlineThinking: true\` | reasoning |

What a request needs for its provider's rules is also changed on the way out: ids of tool calls that do not fit are replaced by a hash, the
same in call and result; keywords that Anthropic's structured output does not accept move to the description; a strict schema
outside of OpenAI's subset is refused by name; beside \`$ref\` Google gets no other keyword; whole answers of Qwen's hybrid
models are requested as a stream.

## Values

The range that a provider accepts, where it is narrower than that of \`ChatInput\`. A value outside it is left out with a warning; only
\`maxTokens\` is refused.

${rangeTable()}

## Rules of models

The source of a rule is in italics: a thread (\`owner/repo#number\`) or a package. The others are from the documentation and the SDKs
of the providers.

${ruleList()}
`;
}
