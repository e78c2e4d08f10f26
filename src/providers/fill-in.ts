import type { Codec } from '../core/adapter.ts';
import type { Message } from '../core/message.ts';

/**
 * Fill-in-the-middle: the model writes what stands between a prompt and a suffix, as editors ask for it. A path of its own on
 * each wire; the answer has the form of Chat Completions, or `text` in the place of a message.
 */
export type FillIn = {
  readonly path: string;
  /** The text in the fields of the wire. Default: `prompt` and `suffix`. */
  readonly write?: (prompt: string, suffix: string) => Readonly<Record<string, string>>;
};

/** A codec of OpenAI's family that can fill in. The last message is the text before the gap. */
export function withFillIn(codec: Codec, { path, write = (prompt, suffix) => ({ prompt, suffix }) }: FillIn): Codec {
  return {
    ...codec,
    fillsIn: true,
    encode(request, mode) {
      const { suffix, messages } = request;
      const last = messages.at(-1);
      if (suffix === undefined || !last) return codec.encode(request, mode);
      // Nothing is thought about: the options that only reasoning excludes are taken.
      const encoded = codec.encode({ ...request, reasoningEffort: 'none', reasoningBudget: undefined }, mode);
      const body = Object.fromEntries(Object.entries(encoded.body).filter(([field]) => !ofChat.has(field)));
      return { ...encoded, path, body: { ...body, ...write(textOf(last), suffix) } };
    },
  };
}

/** Fields that these paths do not have. */
const ofChat: ReadonlySet<string> = new Set(['messages', 'thinking', 'reasoning_effort', 'enable_thinking']);

function textOf(message: Message): string {
  if (message.role !== 'user') return message.text;
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Qwen's Coder models take the text with their own markers (qwen.readthedocs.io, Fill in the middle). */
export function writeQwenMarkers(prompt: string, suffix: string): { readonly prompt: string } {
  return { prompt: `<|fim_prefix|>${prompt}<|fim_suffix|>${suffix}<|fim_middle|>` };
}
