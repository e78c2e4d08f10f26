import { isToolUIPart, type ProviderMetadata, type UIMessage } from 'ai';
import type { ContentPartInput, MessageInput } from 'parley-client';

/** The conversation of the AI SDK as messages of a request. */

type Part = UIMessage['parts'][number];

export function toMessageInputs(messages: readonly UIMessage[]): MessageInput[] {
  return messages.flatMap(({ role, parts }) => {
    if (role === 'system') return [{ role: 'SYSTEM' as const, content: textOf(parts) }];
    if (role === 'user') return [{ role: 'USER' as const, parts: parts.flatMap(toContentPart) }];
    // A message of the assistant has the answers of all steps, each with the results of its tools.
    return stepsOf(parts).flatMap(toStepMessages);
  });
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function toContentPart(part: Part): ContentPartInput[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
  if (part.type !== 'file') return [];
  const { url, mediaType, filename } = part;
  const [kind] = mediaType.split('/');
  if (kind === 'image') return [{ image: { url } }];
  const media = { url, ...(mediaType.includes('/') && { mediaType }), ...(filename && { name: filename }) };
  if (kind === 'audio') return [{ audio: media }];
  return kind === 'video' ? [{ video: media }] : [{ file: media }];
}

function stepsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const steps: Part[][] = [[]];
  for (const part of parts) {
    if (part.type === 'step-start') steps.push([]);
    else steps.at(-1)?.push(part);
  }
  return steps.filter((step) => step.length > 0);
}

function toStepMessages(parts: readonly Part[]): MessageInput[] {
  // What the provider ran itself is in its state.
  const calls = parts.filter(isToolUIPart).filter(({ providerExecuted }) => !providerExecuted);
  const answer: MessageInput = {
    role: 'ASSISTANT',
    content: textOf(parts),
    toolCalls: calls.map((call) => ({
      id: call.toolCallId,
      name: call.type === 'dynamic-tool' ? call.toolName : call.type.slice('tool-'.length),
      arguments: JSON.stringify(call.input ?? {}),
    })),
    providerState: stateOf(parts),
  };
  const results = calls.map(({ toolCallId, output, errorText }): MessageInput => {
    if (output === undefined) {
      return { role: 'TOOL', toolCallId, content: errorText ?? 'The call was not run.', isError: true };
    }
    return { role: 'TOOL', toolCallId, content: typeof output === 'string' ? output : JSON.stringify(output) };
  });
  return [answer, ...results];
}

/** The provider's state travels with the first part of its step (`to-chunks.ts`). */
function stateOf(parts: readonly Part[]): string | null {
  for (const part of parts) {
    let metadata: ProviderMetadata | undefined;
    if ('providerMetadata' in part) metadata = part.providerMetadata;
    if ('callProviderMetadata' in part) metadata = part.callProviderMetadata;
    const state = metadata?.['parley']?.['providerState'];
    if (typeof state === 'string') return state;
  }
  return null;
}
