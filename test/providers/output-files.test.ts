import { describe, expect, it } from 'vitest';
import { answerOf, eventsOf } from '../support/replay.ts';
import { request } from '../support/requests.ts';
import { wireNamed } from '../support/wires.ts';

/** Images and sound in answers. */

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const encode = (wire: string, input: Record<string, unknown>, mode: 'whole' | 'stream' = 'whole') =>
  wireNamed(wire).codec.encode(request(input), mode);

describe('a request', () => {
  it('asks each provider in its own form', () => {
    const image = { outputModalities: ['text', 'image'] };
    const sound = { outputModalities: ['text', 'audio'], speech: { voice: 'Kore' } };
    expect(encode('google', image).body).toMatchObject({ generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } });
    expect(encode('google', sound).body).toMatchObject({
      generationConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } } },
    });
    expect(encode('openai', sound).body).toMatchObject({
      modalities: ['text', 'audio'],
      audio: { voice: 'Kore', format: 'wav' },
    });
    expect(encode('openai', sound, 'stream').body).toMatchObject({ audio: { format: 'pcm16' } });
    expect(encode('openai-responses', image).body).toMatchObject({ tools: [{ type: 'image_generation' }] });
  });

  it.each(['anthropic', 'mistral', 'cohere', 'deepseek', 'xai-responses'])('is refused by %s', (wire) => {
    expect(() => encode(wire, { outputModalities: ['image'] })).toThrow('does not answer with image');
    expect(encode(wire, { outputModalities: ['text'] }).warnings).toEqual([]);
  });

  it('for sound takes Chat Completions, and for images Responses', () => {
    const { adapter } = wireNamed('openai');
    const target = { provider: 'openai', model: 'gpt-x', facts: undefined };
    expect(adapter.codecFor(target, { outputModalities: ['image'] }).wire).toBe('Responses');
    expect(adapter.codecFor({ ...target, model: 'gpt-6' }, { outputModalities: ['audio'] }).wire).toBe(
      'Chat Completions',
    );
  });
});

describe('an answer', () => {
  it('of Google has its image', async () => {
    const inlineData = { mimeType: 'image/png', data: 'iVBORw0K' };
    const draft = { thought: true, inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    const piece = (parts: object[], more = {}) => ({ responseId: 'g1', candidates: [{ content: { parts }, ...more }] });
    const { codec } = wireNamed('google');
    const text = event(piece([{ text: 'Here: ' }, draft])) + event(piece([{ inlineData }], { finishReason: 'STOP' }));
    const answer = await answerOf(codec, Buffer.from(text));
    expect(answer).toMatchObject({ text: 'Here: ', files: [{ mediaType: 'image/png', data: 'iVBORw0K' }] });
    expect(codec.decode(piece([{ text: 'Here: ' }, draft, { inlineData }], { finishReason: 'STOP' }))).toEqual(answer);
  });

  it('of OpenAI has its sound, put together from pieces, and what is said as its text', async () => {
    const { codec } = wireNamed('openai');
    const chunk = (delta: object, finish: string | null = null) =>
      event({ id: 'c1', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] });
    // Two pieces whose base64 cannot be joined as text.
    const pieces = [Buffer.from('RIFFa'), Buffer.from('bcd')];
    const text =
      chunk({ role: 'assistant', audio: { id: 'a1', transcript: 'Hel' } }) +
      chunk({ audio: { data: pieces[0]?.toString('base64') } }) +
      chunk({ audio: { transcript: 'lo' } }) +
      chunk({ audio: { data: pieces[1]?.toString('base64') } }) +
      chunk({ audio: { expires_at: 5 } }) +
      chunk({}, 'stop') +
      'data: [DONE]\n\n';
    const answer = await answerOf(codec, Buffer.from(text));
    expect(answer).toMatchObject({ text: 'Hello', files: [{ mediaType: 'audio/wav' }] });
    expect(Buffer.from(answer.files?.[0]?.data ?? '', 'base64').toString()).toBe('RIFFabcd');
    const files = (await eventsOf(codec, Buffer.from(text))).filter(({ type }) => type === 'file');
    expect(files).toMatchObject([{ index: 0 }, { index: 0 }]);
    const audio = { id: 'a1', data: Buffer.concat(pieces).toString('base64'), transcript: 'Hello', expires_at: 5 };
    const whole = {
      id: 'c1',
      model: 'm',
      choices: [{ message: { role: 'assistant', content: null, audio }, finish_reason: 'stop' }],
    };
    expect(codec.decode(whole)).toEqual(answer);
  });

  it('of the Responses API has its image', async () => {
    const { codec } = wireNamed('openai-responses');
    const item = {
      type: 'image_generation_call',
      id: 'ig_1',
      status: 'completed',
      result: '/9j/',
      output_format: 'jpeg',
    };
    const response = { id: 'r1', status: 'completed', output: [item], usage: { input_tokens: 1, output_tokens: 2 } };
    const text =
      event({ type: 'response.created', response: { id: 'r1' } }) +
      event({ type: 'response.output_item.added', output_index: 0, item: { ...item, result: null } }) +
      event({ type: 'response.image_generation_call.partial_image', output_index: 0, partial_image_b64: 'AA' }) +
      event({ type: 'response.output_item.done', output_index: 0, item }) +
      event({ type: 'response.completed', response });
    const answer = await answerOf(codec, Buffer.from(text));
    expect(answer.files).toEqual([{ mediaType: 'image/jpeg', data: '/9j/' }]);
    expect(codec.decode(response)).toEqual(answer);
  });

  it('of a server of OpenAI’s form has images beside its text', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0K' } }];
    const whole = { id: 'c1', choices: [{ message: { content: 'Here', images }, finish_reason: 'stop' }] };
    expect(wireNamed('deepinfra').codec.decode(whole).files).toEqual([{ mediaType: 'image/png', data: 'iVBORw0K' }]);
  });
});
