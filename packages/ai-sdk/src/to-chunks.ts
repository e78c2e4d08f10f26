import type { UIMessageChunk } from 'ai';
import type { ChatEvent, OutputFile } from 'parley-client';

type Finished = Extract<ChatEvent, { __typename: 'CompletionFinished' }>;
type Call = { readonly id: string; readonly name: string; input: string };

const finishReasons = {
  STOP: 'stop',
  LENGTH: 'length',
  CONTENT_FILTER: 'content-filter',
  TOOL_CALL: 'tool-calls',
  ERROR: 'error',
  OTHER: 'other',
} as const;

/** Makes chunks of the AI SDK of the events of one answer. */
export function createChunkWriter(): (event: ChatEvent) => UIMessageChunk[] {
  /** The text or the reasoning that is written, and how many there were. */
  let open: { readonly type: 'text' | 'reasoning'; readonly id: string } | undefined;
  let count = 0;
  const calls: Call[] = [];
  const files: OutputFile[] = [];
  const announced = new Set<string>();

  function close(metadata = {}): UIMessageChunk[] {
    const ended = open;
    open = undefined;
    return ended ? [{ type: `${ended.type}-end`, id: ended.id, ...metadata }] : [];
  }

  function write(type: 'text' | 'reasoning', delta: string): UIMessageChunk[] {
    if (open?.type === type) return [{ type: `${type}-delta`, id: open.id, delta }];
    const closed = close();
    const id = `${type}-${count++}`;
    open = { type, id };
    return [...closed, { type: `${type}-start`, id }, { type: `${type}-delta`, id, delta }];
  }

  function writeCall(event: Extract<ChatEvent, { __typename: 'ToolCallDelta' }>): UIMessageChunk[] {
    const { index, id: toolCallId, name: toolName, argumentsDelta } = event;
    const known = calls[index];
    const call = known ?? { id: toolCallId, name: toolName, input: '' };
    calls[index] = call;
    call.input += argumentsDelta;
    return [
      ...(known ? [] : [...close(), { type: 'tool-input-start' as const, toolCallId, toolName }]),
      ...(argumentsDelta === ''
        ? []
        : [{ type: 'tool-input-delta' as const, toolCallId, inputTextDelta: argumentsDelta }]),
    ];
  }

  /** Tools that the provider runs are shown and not run again. */
  function writeServerTool(event: Extract<ChatEvent, { __typename: 'ServerToolEvent' }>): UIMessageChunk[] {
    const { id: toolCallId, tool, status, input } = event;
    const common = { toolCallId, providerExecuted: true, dynamic: true };
    const start: UIMessageChunk[] = announced.has(toolCallId)
      ? []
      : [{ type: 'tool-input-available', ...common, toolName: tool.toLowerCase(), input: { query: input } }];
    announced.add(toolCallId);
    if (status === 'RUNNING') return start;
    return status === 'DONE'
      ? [...start, { type: 'tool-output-available', ...common, output: null }]
      : [...start, { type: 'tool-output-error', ...common, errorText: 'The tool failed.' }];
  }

  function finish(event: Finished): UIMessageChunk[] {
    const { finishReason, refusal, citations, usage, cost, providerState, warnings } = event;
    const refused = refusal === null ? [] : write('text', refusal);
    // The state goes back with the answer: it is kept by the part that ends last, or by the first call.
    const state = providerState === null ? {} : { providerMetadata: { parley: { providerState } } };
    const isHeldByText = open !== undefined;
    const ended = close(state);
    return [
      ...refused,
      ...ended,
      ...calls.map(({ id: toolCallId, name: toolName, input }, index): UIMessageChunk => {
        const call = { toolCallId, toolName, ...(index === 0 && !isHeldByText && state) };
        try {
          return { type: 'tool-input-available', ...call, input: JSON.parse(input || '{}') };
        } catch {
          return { type: 'tool-input-error', ...call, input, errorText: 'The arguments are not JSON.' };
        }
      }),
      ...files.map(({ mediaType, data }) => ({
        type: 'file' as const,
        mediaType,
        url: `data:${mediaType};base64,${data}`,
      })),
      ...citations.map(({ url, title }, index) => ({
        type: 'source-url' as const,
        sourceId: `source-${index}`,
        url,
        ...(title !== null && { title }),
      })),
      { type: 'finish-step' },
      {
        type: 'finish',
        finishReason: finishReasons[finishReason],
        messageMetadata: { usage, cost, warnings },
      },
    ];
  }

  return (event) => {
    switch (event.__typename) {
      case 'CompletionStarted':
        return [{ type: 'start' }, { type: 'start-step' }];
      case 'ReasoningDelta':
        return write('reasoning', event.text);
      case 'ContentDelta':
        return write('text', event.text);
      case 'ToolCallDelta':
        return writeCall(event);
      case 'ServerToolEvent':
        return writeServerTool(event);
      case 'FileDelta': {
        const { index, mediaType, data } = event;
        files[index] = { mediaType, data: (files[index]?.data ?? '') + data };
        return [];
      }
      case 'ObjectDelta':
        return [{ type: 'data-object', id: 'object', data: event.object }];
      case 'CompletionFinished':
        return finish(event);
      case 'CompletionFailed':
        return [
          ...close(),
          event.code === 'CANCELLED' ? { type: 'abort' } : { type: 'error', errorText: event.message },
        ];
    }
  };
}
