import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import { refuse } from '../capability-checks.ts';
import { checkStrictSchema } from '../strict-schema.ts';
import type { Profile } from './profile.ts';

type EncodedTools = { readonly fields: Record<string, unknown>; readonly warnings: readonly Warning[] };

export function encodeTools(profile: Profile, request: ChatRequest): EncodedTools {
  const { tools } = request;
  if (tools.length === 0) return { fields: {}, warnings: [] };
  if (profile.checksStrict) {
    for (const { name, strict, parameters } of tools) {
      if (strict && parameters) checkStrictSchema('tools', name, parameters);
    }
  }
  const takesStrict = profile.strictTools !== false;
  const loses = !takesStrict && tools.some(({ strict }) => strict === true);
  return {
    fields: {
      tools: tools.map(({ name, description, parameters, strict }) => ({
        type: 'function',
        function: {
          name,
          ...(description !== undefined && { description }),
          parameters: parameters ?? { type: 'object', properties: {} },
          ...(takesStrict && strict !== undefined && { strict }),
        },
      })),
      ...encodeChoice(profile, request),
    },
    warnings: loses
      ? [{ option: 'tools', message: `${profile.id} does not support strict tools; strict was left out` }]
      : [],
  };
}

function encodeChoice({ id, toolChoices }: Profile, { toolChoice: choice }: ChatRequest): Record<string, unknown> {
  if (choice === undefined) return {};
  const kind = typeof choice === 'object' ? 'tool' : choice;
  if (toolChoices && !toolChoices.includes(kind)) {
    if (kind === 'auto') return {};
    const taken = toolChoices.length > 0 ? toolChoices.join(' and ') : 'auto';
    refuse('toolChoice', `${id} does not support this toolChoice; supported: ${taken}.`);
  }
  return { tool_choice: typeof choice === 'object' ? { type: 'function', function: { name: choice.tool } } : choice };
}
