import { openState, sealState } from '../../core/provider-state.ts';
import { nonEmptyString, object } from '../read-json.ts';

/**
 * The tool plan: what a model writes before it calls tools. Cohere's guides send the whole message back together with
 * the results, thinking and plan included; our messages have neither, so both travel as provider state.
 */
export function sealToolPlan(thinking: string, plan: string, hasToolCalls: boolean): string | undefined {
  return hasToolCalls && (thinking || plan) ? sealState('cohere', { thinking, plan }) : undefined;
}

export function openToolPlan(sealed: string | undefined): { thinking: string | undefined; plan: string | undefined } {
  const state = object(openState('cohere', sealed));
  return { thinking: nonEmptyString(state['thinking']), plan: nonEmptyString(state['plan']) };
}
