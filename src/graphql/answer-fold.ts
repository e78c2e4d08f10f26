import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { AnswerContent, ChatEvent } from '../core/completion.ts';
import type { ToolCall } from '../core/message.ts';
import { createFileCollector } from '../core/output-files.ts';

/** The whole answer in the last event of a stream, for operations that select it there. */

const wholeFields: ReadonlySet<string> = new Set(['text', 'reasoning', 'toolCalls', 'files']);

/** Whether an operation selects the whole answer of CompletionFinished. Depends on the document alone. */
export function selectsWholeAnswer(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation }: OperationDefinitionNode,
): boolean {
  if (operation !== 'subscription') return false;
  let isSelected = false;
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      [Kind.FIELD]({ name }) {
        if (types.getParentType()?.name === 'CompletionFinished' && wholeFields.has(name.value)) isSelected = true;
      },
    }),
  );
  return isSelected;
}

/** Collects the events of one stream, and adds the whole answer to the last one. */
export function createAnswerFold(): (event: ChatEvent) => ChatEvent {
  const texts: string[] = [];
  const thoughts: string[] = [];
  /** By index. A stream may leave out some. */
  const calls = new Map<number, ToolCall>();
  const files = createFileCollector();

  function collected(): AnswerContent {
    const toolCalls = [...calls].toSorted(([a], [b]) => a - b).map(([, call]) => call);
    return { text: texts.join(''), reasoning: thoughts.join(''), toolCalls, files: files.files() };
  }

  return (event) => {
    switch (event.type) {
      case 'content':
        texts.push(event.text);
        return event;
      case 'reasoning':
        thoughts.push(event.text);
        return event;
      case 'tool_call': {
        const { index, id, name, argumentsDelta } = event;
        calls.set(index, { id, name, arguments: (calls.get(index)?.arguments ?? '') + argumentsDelta });
        return event;
      }
      case 'file':
        files.add(event);
        return event;
      case 'finished':
        return { ...event, ...(event.answer?.() ?? collected()) };
      default:
        return event;
    }
  };
}
