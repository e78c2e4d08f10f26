import type { Answer, StreamEvent, StreamResult } from './answer-shape.ts';
import { Finding } from './finding.ts';

type Event<T extends StreamEvent['__typename']> = Extract<StreamEvent, { __typename: T }>;

/** Collects the answer of a stream and checks the order of events: started, deltas, then exactly one terminal event. */
export async function readStream(results: AsyncIterable<StreamResult>, onContent: () => void): Promise<Answer> {
  let started: Event<'CompletionStarted'> | undefined;
  let finished: Event<'CompletionFinished'> | undefined;
  let failed: Event<'CompletionFailed'> | undefined;
  let text = '';
  const calls = new Set<number>();

  for await (const { chatStream: event } of results) {
    if (finished || failed) throw disorder(`${event.__typename} came after the end`);
    switch (event.__typename) {
      case 'CompletionStarted':
        if (started) throw disorder('it started twice');
        started = event;
        break;
      case 'CompletionFinished':
        finished = event;
        break;
      case 'CompletionFailed':
        failed = event;
        break;
      default:
        if (!started) throw disorder(`${event.__typename} came before CompletionStarted`);
        if (text === '' && calls.size === 0) onContent();
        if (event.__typename === 'ContentDelta') text += event.text;
        if (event.__typename === 'ToolCallDelta') calls.add(event.index);
    }
  }
  if (failed) throw Finding.reported(failed);
  if (!finished) throw disorder('it was complete without CompletionFinished or CompletionFailed');
  if (!started) throw disorder('it finished without CompletionStarted');
  return { ...started, ...finished, text, toolCalls: calls.size };
}

function disorder(what: string): Finding {
  return Finding.of('STREAM_DISORDERED', `The stream is not in order: ${what}.`);
}
