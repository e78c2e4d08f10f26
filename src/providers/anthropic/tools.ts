import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { toAnthropicSchema } from './schema.ts';

type Fields = Record<string, unknown>;

export function encodeTools(
  { tools, toolChoice, parallelToolCalls }: ChatRequest,
  { model, facts }: Target,
): { readonly fields: Fields; readonly warnings: readonly Warning[] } {
  if (tools.length === 0) return { fields: {}, warnings: [] };
  // Strict tools came with structured output.
  const takesStrict = facts?.structuredOutput !== 'none';
  const loses = !takesStrict && tools.some(({ strict }) => strict === true);
  const choice = encodeChoice(toolChoice, parallelToolCalls === false);
  return {
    fields: {
      tools: tools.map(({ name, description, parameters, strict }) => ({
        name,
        ...(description !== undefined && { description }),
        input_schema: {
          type: 'object',
          ...(strict && takesStrict && parameters ? toAnthropicSchema(parameters) : parameters),
        },
        ...(strict !== undefined && takesStrict && { strict }),
      })),
      ...(choice && { tool_choice: choice }),
    },
    warnings: loses
      ? [{ option: 'tools', message: `${model} does not support strict tools; strict was left out` }]
      : [],
  };
}

function encodeChoice(choice: ChatRequest['toolChoice'], oneAtATime: boolean): Fields | undefined {
  if (choice === undefined && !oneAtATime) return undefined;
  if (choice === 'none') return { type: 'none' };
  const kind =
    typeof choice === 'object' ? { type: 'tool', name: choice.tool } : { type: choice === 'required' ? 'any' : 'auto' };
  return { ...kind, ...(oneAtATime && { disable_parallel_tool_use: true }) };
}
