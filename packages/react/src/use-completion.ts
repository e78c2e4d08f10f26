import type { ChatInput, Completion, Parley } from 'parley-client';
import { type RunState, useRun } from './use-run.ts';

export type CompletionOptions = Omit<ChatInput, 'messages' | 'requestId'> & { readonly parley: Parley };

export type UseCompletion = RunState & {
  readonly text: string;
  /** The whole answer once it is there. */
  readonly completion: Completion | undefined;
  /** Asks for an answer. One that runs is stopped. Returns undefined where it fails or is stopped. */
  complete(prompt: string): Promise<Completion | undefined>;
  stop(): void;
};

type Shown = { readonly text: string; readonly completion?: Completion };

/** The answer to one prompt, while it is written. */
export function useCompletion({ parley, ...input }: CompletionOptions): UseCompletion {
  const { state, start, stop } = useRun<Shown>({ text: '' });
  const complete = (prompt: string) =>
    start({ text: '' }, async (signal, show) => {
      const stream = parley.stream({ ...input, messages: [{ role: 'USER', content: prompt }] }, { signal });
      const completion = await stream.toCompletion((_event, { text }) => show({ text }));
      show({ text: completion.text, completion });
      return completion;
    });
  const { value, ...run } = state;
  return { ...run, text: value.text, completion: value.completion, complete, stop };
}
