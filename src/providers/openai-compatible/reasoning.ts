import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Message } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { openState } from '../../core/provider-state.ts';
import { forcesTool, refuse } from '../capability-checks.ts';
import { nonEmptyString } from '../read-json.ts';
import { canBeOff, chooseEffort, effortWarning, effortWords } from '../reasoning-effort.ts';
import type { Profile } from './profile.ts';

type EncodedReasoning = {
  readonly fields: Readonly<Record<string, unknown>>;
  /** As far as is known: a model that can reason does so unless it is told not to. */
  readonly isOn: boolean;
  readonly warnings: readonly Warning[];
};

/** What the caller holds a model to comes before how much it reasons: where both do not go together, it does not reason. */
export function encodeReasoning(profile: Profile, request: ChatRequest, target: Target): EncodedReasoning {
  const wire = profile.reasoning ?? {};
  const write = wire.write ?? ((effort) => ({ reasoning_effort: effort }));
  const { reasoningEffort: effort } = request;
  const obstacle = effort === 'none' ? undefined : findObstacle(profile, request, target);
  if (obstacle) {
    const { option, what } = obstacle;
    if (!canBeOff(target, wire)) refuse(option, `${target.model} always reasons, and ${what} does not go with that.`);
    // A model without effort words may not reason unless asked to, and then nothing was taken away.
    const isSent = (effort !== undefined && effort !== 'auto') || effortWords(target) !== undefined;
    const warnings = isSent ? [effortWarning(`${what} does not go with reasoning; ${target.model} does without`)] : [];
    return { fields: write('none', target), isOn: false, warnings };
  }
  const chosen = chooseEffort(effort, target, wire);
  const fields = chosen.word === undefined ? {} : write(chosen.word, target);
  return { fields, isOn: Boolean(target.facts?.reasoning) && effort !== 'none', warnings: chosen.warnings };
}

type Obstacle = { readonly option: keyof ChatRequest; readonly what: string };

function findObstacle({ id, reasoning }: Profile, request: ChatRequest, target: Target): Obstacle | undefined {
  const { facts } = target;
  if (!facts?.reasoning) return undefined;
  if (request.tools.length > 0 && facts.toolsWithReasoning === false) {
    return { option: 'tools', what: 'offering tools to it' };
  }
  if (reasoning?.refuses?.includes('forced_tool') && forcesTool(request)) {
    return { option: 'toolChoice', what: 'a forced tool' };
  }
  // Models that follow a schema came later, and take JSON in either mode.
  if (reasoning?.refuses?.includes('json_mode') && request.responseFormat && facts.structuredOutput === 'json_object') {
    return { option: 'responseFormat', what: 'JSON mode' };
  }
  if (reasoning?.isReplayed && effortWords(target) !== undefined && lacksReasoning(id, request.messages)) {
    return { option: 'messages', what: 'a tool call without its reasoning (providerState)' };
  }
  return undefined;
}

/** "The reasoning_content in the thinking mode must be passed back": 400 in a running tool loop. */
function lacksReasoning(provider: string, messages: readonly Message[]): boolean {
  if (messages.at(-1)?.role !== 'tool') return false;
  const last = messages.findLast((message) => message.role === 'assistant');
  return last?.role === 'assistant' && openReasoning(provider, last.providerState) === undefined;
}

/** What the model reasoned before it called tools, as `reasoning_content` for its provider. */
export function openReasoning(provider: string, sealed: string | undefined): string | undefined {
  const state = openState(provider, sealed);
  return typeof state === 'object' && state !== null && 'reasoning' in state
    ? nonEmptyString(state.reasoning)
    : undefined;
}

/** Old reasoners refuse their reasoning back; those that have effort words demand it. */
export function replaysReasoning({ reasoning }: Profile, target: Target): boolean {
  return reasoning?.isReplayed === true && effortWords(target) !== undefined;
}
