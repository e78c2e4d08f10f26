import type { ChatInput, DeepPartial, OutputOf, Parley, Schema } from 'parley-client';
import { type RunState, useRun } from './use-run.ts';

export type ObjectOptions<S extends Schema> = Omit<ChatInput, 'messages' | 'requestId' | 'responseFormat'> & {
  readonly parley: Parley;
  /** The form of the value: a zod schema, or JSON Schema. */
  readonly schema: S;
};

export type UseObject<T> = RunState & {
  /** What is there of the value. */
  readonly object: DeepPartial<T> | undefined;
  /** Asks for a value. One that runs is stopped. Returns undefined where it fails or is stopped. */
  submit(prompt: string): Promise<T | undefined>;
  stop(): void;
};

/** A value that follows a schema, while it is written. */
export function useObject<S extends Schema>({ parley, ...input }: ObjectOptions<S>): UseObject<OutputOf<S>> {
  const { state, start, stop } = useRun<DeepPartial<OutputOf<S>> | undefined>(undefined);
  const submit = (prompt: string) =>
    start(undefined, async (signal, show) => {
      const asked = { ...input, messages: [{ role: 'USER' as const, content: prompt }] };
      return parley.object(asked, { signal }).toObject(show);
    });
  const { value, ...run } = state;
  return { ...run, object: value, submit, stop };
}
