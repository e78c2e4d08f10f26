import type { ProviderCompletion, ProviderEvent } from './completion.ts';
import { GatewayError } from './errors.ts';
import type { ToolCall } from './message.ts';
import { createFileCollector } from './output-files.ts';

/** Collects the events of a stream into the whole answer. */
export function collect(events: Iterable<ProviderEvent>): ProviderCompletion {
  let head: Pick<ProviderCompletion, 'id' | 'model' | 'created'> = {
    id: undefined,
    model: undefined,
    created: undefined,
  };
  let text = '';
  let reasoning = '';
  const toolCalls: ToolCall[] = [];
  const collected = createFileCollector();
  for (const event of events) {
    switch (event.type) {
      case 'started': {
        const { id, model, created } = event;
        head = { id, model, created };
        break;
      }
      case 'content':
        text += event.text;
        break;
      case 'reasoning':
        reasoning += event.text;
        break;
      case 'tool_call': {
        const { index, id, name, argumentsDelta } = event;
        toolCalls[index] = { id, name, arguments: (toolCalls[index]?.arguments ?? '') + argumentsDelta };
        break;
      }
      case 'file':
        collected.add(event);
        break;
      case 'server_tool':
        break;
      case 'finished': {
        const { type: _, ...ending } = event;
        const files = collected.files();
        return { ...head, text, reasoning, toolCalls, ...(files.length > 0 && { files }), ...ending };
      }
    }
  }
  throw new GatewayError('UPSTREAM_TRUNCATED', 'The stream ended without a terminal event.');
}

/** The events of a whole answer, for a caller that requested a stream. */
export function* toEvents(answer: ProviderCompletion): Iterable<ProviderEvent> {
  const { id, model, created, text, reasoning, toolCalls, files = [], ...ending } = answer;
  yield { type: 'started', id, model, created };
  if (reasoning) yield { type: 'reasoning', text: reasoning };
  if (text) yield { type: 'content', text };
  for (const [index, file] of files.entries()) yield { type: 'file', index, ...file };
  for (const [index, call] of toolCalls.entries()) {
    yield { type: 'tool_call', index, id: call.id, name: call.name, argumentsDelta: call.arguments };
  }
  yield { type: 'finished', ...ending };
}
