import type { ChatRequest, ToolChoice } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import { refuse } from '../capability-checks.ts';
import { checkStrictSchema } from '../strict-schema.ts';
import type { ResponsesProfile } from './profile.ts';

type EncodedTools = { readonly fields: Readonly<Record<string, unknown>>; readonly warnings: readonly Warning[] };

export function encodeTools(profile: ResponsesProfile, request: ChatRequest): EncodedTools {
  const { tools, toolChoice } = request;
  if (tools.length === 0) return { fields: {}, warnings: [] };
  const taken = tools.find(({ name }) => profile.reservedTools?.includes(name));
  if (taken) refuse('tools', `${profile.id} reserves the tool name ${taken.name}; choose another one.`);
  if (profile.checksStrict) {
    for (const { name, strict, parameters } of tools) {
      if (strict && parameters) checkStrictSchema('tools', name, parameters);
    }
  }
  return {
    fields: {
      tools: tools.map(({ name, description, parameters, strict }) => ({
        type: 'function',
        name,
        ...(description !== undefined && { description }),
        parameters: parameters ?? { type: 'object', properties: {} },
        // The default is true here and false on Chat Completions.
        strict: strict ?? false,
      })),
      ...(toolChoice !== undefined && { tool_choice: encodeChoice(profile, toolChoice) }),
    },
    warnings: [],
  };
}

function encodeChoice({ bareChoice }: ResponsesProfile, choice: ToolChoice): unknown {
  if (typeof choice !== 'object') return choice;
  return bareChoice ? { name: choice.tool } : { type: 'function', name: choice.tool };
}
