import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { Json } from '../support/rest-client.ts';
import { type NamedCall, type Told, toTold } from './ask.ts';

/** Sends a request by a vendor's SDK, whose parser judges the events. */

type Request = {
  readonly model: string;
  readonly prompt: string;
  readonly tool: Json;
  readonly fallbacks: readonly string[];
};
type Extras = { readonly x_parley?: Json };

const details = ({ code, retryable, attempts }: Json = {}) => ({ code, retryable, attempts });

/** What a failed request has told. Anything but an error of the API is a defect. */
function toFailure(thrown: unknown, text: string, calls: readonly NamedCall[], seen: readonly unknown[]): Told {
  const isApiError = thrown instanceof OpenAI.APIError || thrown instanceof Anthropic.APIError;
  if (!isApiError) throw thrown;
  const body = thrown.error as Json & Extras & { readonly error?: Extras };
  return toTold(false, text, calls, details(body.x_parley ?? body.error?.x_parley), [seen, body, thrown.message]);
}

export async function askMessages(url: string, isWhole: boolean, { prompt, tool, ...asked }: Request): Promise<Told> {
  const client = new Anthropic({ baseURL: url, apiKey: 'any', maxRetries: 0 });
  const { parameters, ...named } = tool;
  const params = {
    ...{ ...asked, max_tokens: 1_000, messages: [{ role: 'user' as const, content: prompt }] },
    tools: [{ ...named, input_schema: parameters }] as unknown as Anthropic.Tool[],
  };
  const events: Anthropic.MessageStreamEvent[] = [];
  let text = '';
  const calls: NamedCall[] = [];
  try {
    if (isWhole) {
      const message = await client.messages.create(params);
      for (const block of message.content) {
        if (block.type === 'text') text += block.text;
        if (block.type === 'tool_use') calls.push({ name: block.name, arguments: JSON.stringify(block.input) });
      }
      return toTold(true, text, calls, details((message as Extras).x_parley), message);
    }
    const stream = client.messages.stream(params);
    stream.on('streamEvent', (event) => {
      events.push(event);
      if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') {
        calls.push({ name: event.content_block.name, arguments: '' });
      }
      if (event.type !== 'content_block_delta') return;
      if (event.delta.type === 'text_delta') text += event.delta.text;
      const call = calls.at(-1);
      if (event.delta.type === 'input_json_delta' && call) {
        calls[calls.length - 1] = { ...call, arguments: call.arguments + event.delta.partial_json };
      }
    });
    const final = await stream.finalMessage();
    if (events.at(-1)?.type !== 'message_stop') throw new Error('No end');
    const end = events.find(({ type }) => type === 'message_delta') as Extras;
    return toTold(true, text, calls, details(end.x_parley), [events, final]);
  } catch (thrown) {
    if (events.some(({ type }) => type === 'message_stop')) throw new Error('An end and a failure');
    return toFailure(thrown, text, calls, events);
  }
}

export async function askResponses(url: string, isWhole: boolean, { prompt, tool, ...asked }: Request): Promise<Told> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
  const tools = [{ ...tool, type: 'function', strict: false }] as unknown as OpenAI.Responses.Tool[];
  const params = { ...asked, input: prompt, tools };
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  let text = '';
  const calls: NamedCall[] = [];
  try {
    const response = isWhole
      ? await client.responses.create(params)
      : await client.responses
          .stream(params)
          .on('event', (event) => {
            events.push(event);
            if (event.type === 'response.output_text.delta') text += event.delta;
            const item = event.type === 'response.output_item.done' ? event.item : undefined;
            if (item?.type === 'function_call') calls.push(item);
          })
          .finalResponse();
    const ends = events.filter(({ type }) => /^response\.(completed|incomplete|failed)$/.test(type));
    if (!isWhole && (ends.length !== 1 || ends[0] !== events.at(-1))) throw new Error(`${ends.length} ends`);
    const asCalls = response.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
    const { x_parley } = response as Extras;
    return toTold(response.status !== 'failed', response.output_text, asCalls, details(x_parley), [events, response]);
  } catch (thrown) {
    return toFailure(thrown, text, calls, events);
  }
}
