import type { ContentPart, Message } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { isSilent } from '../conversation.ts';
import { encodeDetail } from '../image-detail.ts';
import { openToolPlan } from './tool-plan.ts';

type Fields = Record<string, unknown>;

export function encodeMessages(messages: readonly Message[], target: Target): readonly Fields[] {
  const said = withCallIds(messages, callIdRules.any).filter((message) => !isSilent(message));
  return said.map((message) => encodeMessage(message, target));
}

function encodeMessage(message: Message, { facts }: Target): Fields {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.text };
    case 'user': {
      const [first, ...others] = message.parts;
      const isPlain = first?.type === 'text' && others.length === 0;
      return { role: 'user', content: isPlain ? first.text : message.parts.map(encodePart) };
    }
    case 'assistant': {
      if (message.toolCalls.length === 0) return { role: 'assistant', content: message.text };
      const { thinking, plan } = openToolPlan(message.providerState);
      const toolPlan = message.text || plan;
      return {
        role: 'assistant',
        // The state may come from another Cohere model, one that thinks.
        ...(thinking && facts?.reasoning !== false && { content: [{ type: 'thinking', thinking }] }),
        ...(toolPlan && { tool_plan: toolPlan }),
        tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
          id,
          type: 'function',
          function: { name, arguments: text || '{}' },
        })),
      };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.text };
  }
}

function encodePart(part: ContentPart): Fields {
  if (part.type === 'text') return { type: 'text', text: part.text };
  return { type: 'image_url', image_url: { url: part.url, ...encodeDetail(part) } };
}
