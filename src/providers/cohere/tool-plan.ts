import { openState, sealState } from '../../core/provider-state.ts';
import { record, word } from '../read-json.ts';

/**
 * What a model thought before it called tools. Cohere's guides hand the whole message back together with the
 * results, thinking and plan included; our messages carry neither, so both travel as provider state.
 */
export function sealPlan(thinking: string, plan: string, hasToolCalls: boolean): string | undefined {
  return hasToolCalls && (thinking || plan) ? sealState('cohere', { thinking, plan }) : undefined;
}

export function openPlan(sealed: string | undefined): { thinking: string | undefined; plan: string | undefined } {
  const state = record(openState('cohere', sealed));
  return { thinking: word(state['thinking']), plan: word(state['plan']) };
}
