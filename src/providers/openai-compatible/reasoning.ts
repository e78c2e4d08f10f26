import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Message } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { openState } from '../../core/provider-state.ts';
import { forcesTool, refuse } from '../capability-checks.ts';
import { nonEmptyString } from '../read-json.ts';
import { budgetWarning, canBeOff, chooseEffort, effortWarning, effortWords } from '../reasoning-effort.ts';
import type { Profile } from './profile.ts';

type EncodedReasoning = {
  readonly fields: Readonly<Record<string, unknown>>;
  /** A model that can reason is assumed to reason unless it is turned off. */
  readonly isOn: boolean;
  readonly warnings: readonly Warning[];
};

/**
 * Options that change the contract take precedence over the effort: where both exclude one another, the model does not
 * reason.
 */
export function encodeReasoning(profile: Profile, request: ChatRequest, target: Target): EncodedReasoning {
  const wire = profile.reasoning ?? {};
  const write = wire.write ?? ((effort) => ({ reasoning_effort: effort }));
  const { reasoningEffort: effort, reasoningBudget: budget } = request;
  const obstacle = effort === 'none' ? undefined : findObstacle(profile, request, target);
  if (obstacle) {
    const { option, what } = obstacle;
    if (!canBeOff(target, wire)) refuse(option, `${target.model} always reasons, which excludes ${what}.`);
    // A model without effort values may not reason by default; then nothing was taken away.
    const isSent =
      (effort !== undefined && effort !== 'auto') || effortWords(target) !== undefined || budget !== undefined;
    const warnings = isSent
      ? [effortWarning(`Reasoning excludes ${what}; ${target.model} answers without reasoning`)]
      : [];
    return { fields: write('none', target), isOn: false, warnings };
  }
  if (budget !== undefined) {
    const isOn = Boolean(target.facts?.reasoning);
    if (wire.writeBudget && target.facts?.reasoning !== false) {
      return { fields: wire.writeBudget(budget), isOn: true, warnings: [] };
    }
    return { fields: {}, isOn, warnings: [budgetWarning(target)] };
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
    return { option: 'tools', what: 'offered tools' };
  }
  if (reasoning?.refuses?.includes('forced_tool') && forcesTool(request)) {
    return { option: 'toolChoice', what: 'a forced tool' };
  }
  // Models that follow a schema are newer, and accept JSON in either mode.
  if (reasoning?.refuses?.includes('json_mode') && request.responseFormat && facts.structuredOutput === 'json_object') {
    return { option: 'responseFormat', what: 'JSON mode' };
  }
  if (reasoning?.isReplayed && effortWords(target) !== undefined && lacksReasoning(id, request)) {
    return { option: 'messages', what: 'a tool call without its reasoning (providerState)' };
  }
  return undefined;
}

/**
 * "The reasoning_content in the thinking mode must be passed back": 400 where tools are offered and an earlier message that
 * called tools lacks its reasoning.
 */
function lacksReasoning(provider: string, { messages, tools }: ChatRequest): boolean {
  if (tools.length === 0 && messages.at(-1)?.role !== 'tool') return false;
  return messages.some(
    (message) =>
      message.role === 'assistant' && message.toolCalls.length > 0 && reasoningOf(provider, message) === undefined,
  );
}

/** The reasoning of an assistant message, as `reasoning_content` for its provider. */
export function reasoningOf(
  provider: string,
  { providerState, reasoning }: Message & { role: 'assistant' },
): string | undefined {
  const state = openState(provider, providerState);
  const sealed = typeof state === 'object' && state !== null && 'reasoning' in state ? state.reasoning : undefined;
  return nonEmptyString(sealed) ?? nonEmptyString(reasoning);
}

/** Old reasoning models refuse their reasoning back; those with effort values require it. */
export function replaysReasoning({ reasoning }: Profile, target: Target): boolean {
  return reasoning?.isReplayed === true && effortWords(target) !== undefined;
}
