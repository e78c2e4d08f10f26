import { describe, expect, it } from 'vitest';
import { request } from '../support/requests.ts';
import { wireNamed } from '../support/wires.ts';

/** What each wire is sent for files, sound and video. */

const pdf = { file: { data: 'JVBERi0=', mediaType: 'application/pdf', name: 'report.pdf' } };
const remotePdf = { file: { url: 'https://a.example/r.pdf' } };
const memo = { file: { url: 'data:text/plain;base64,SGVsbG8=' } };
const sound = { audio: { data: 'UklGRg==', mediaType: 'audio/x-wav' } };
const mp3 = { audio: { url: 'data:audio/mp3;base64,SUQz' } };
const clip = { video: { url: 'https://a.example/v.mp4' } };
const image = { image: { url: 'data:image/JPG;charset=binary;base64,/9j/\n4AAQ' } };
const dataUrl = 'data:application/pdf;base64,JVBERi0=';

function bodyOf(wire: string, ...parts: object[]): string {
  const messages = [{ role: 'user', parts: [{ text: 'What is this?' }, ...parts] }];
  return JSON.stringify(wireNamed(wire).codec.encode(request({ messages }), 'whole').body);
}

describe('media in messages', () => {
  it.each([
    ['openai', pdf, { type: 'file', file: { file_data: dataUrl, filename: 'report.pdf' } }],
    ['openai', sound, { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }],
    ['openai', mp3, { type: 'input_audio', input_audio: { data: 'SUQz', format: 'mp3' } }],
    ['openai', image, { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } }],
    ['openai-responses', pdf, { type: 'input_file', file_data: dataUrl, filename: 'report.pdf' }],
    ['openai-responses', remotePdf, { type: 'input_file', file_url: 'https://a.example/r.pdf' }],
    ['xai-responses', remotePdf, { type: 'input_file', file_url: 'https://a.example/r.pdf' }],
    [
      'anthropic',
      pdf,
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
        title: 'report.pdf',
      },
    ],
    ['anthropic', remotePdf, { type: 'document', source: { type: 'url', url: 'https://a.example/r.pdf' } }],
    ['anthropic', memo, { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Hello' } }],
    ['google', pdf, { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } }],
    ['google', sound, { inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } }],
    [
      'google',
      { video: { data: 'AAAA', mediaType: 'video/mp4' } },
      { inlineData: { mimeType: 'video/mp4', data: 'AAAA' } },
    ],
    ['mistral', pdf, { type: 'document_url', document_url: dataUrl, document_name: 'report.pdf' }],
    ['mistral', remotePdf, { type: 'document_url', document_url: 'https://a.example/r.pdf' }],
    ['mistral', sound, { type: 'input_audio', input_audio: 'UklGRg==' }],
    ['qwen', sound, { type: 'input_audio', input_audio: { data: 'data:audio/wav;base64,UklGRg==' } }],
    ['qwen', clip, { type: 'video_url', video_url: { url: 'https://a.example/v.mp4' } }],
  ])('go to %s as %j', (wire, part, expected) => {
    expect(bodyOf(wire, part)).toContain(JSON.stringify(expected));
  });

  it.each([
    ['openai', clip, 'openai does not support video'],
    ['openai', memo, 'openai reads application/pdf alone, and not text/plain'],
    ['openai-responses', sound, 'does not support audio'],
    ['xai-responses', pdf, 'takes files by URL only'],
    ['anthropic', sound, 'does not support audio'],
    ['cohere', pdf, 'does not support files'],
    ['deepseek', pdf, 'does not support files'],
    ['ai21', image, 'does not support images'],
    ['perplexity-responses', pdf, 'does not support files'],
    ['openai', remotePdf, 'takes files as data only'],
  ])('that %s does not take (%j) are refused by name', (wire, part, why) => {
    expect(() => bodyOf(wire, part)).toThrow(why);
  });

  it('are refused for a model that the catalogue knows not to take them', () => {
    const messages = [{ role: 'user', parts: [pdf] }];
    const { codecOf } = wireNamed('google');
    expect(() => codecOf('gemma-4-31b-it').encode(request({ messages }), 'whole')).toThrow(
      'gemma-4-31b-it does not support files.',
    );
  });
});

describe('media in the result of a tool call', () => {
  const turn = (part: object) =>
    request({
      messages: [
        { role: 'user', content: 'Look' },
        { role: 'assistant', toolCalls: [{ id: 'call_1', name: 'screenshot', arguments: '{}' }] },
        { role: 'tool', toolCallId: 'call_1', parts: [{ text: 'Here:' }, part] },
      ],
    });

  it.each([
    ['anthropic', '"content":[{"type":"text","text":"Here:"},{"type":"image","source"'],
    ['openai-responses', '"output":[{"type":"input_text","text":"Here:"},{"type":"input_image"'],
    ['google', '"response":{"result":"Here:"},"parts":[{"inlineData":{"mimeType":"image/jpeg"'],
    ['mistral', '"content":[{"type":"text","text":"Here:"},{"type":"image_url"'],
  ])('goes to %s inside the result', (wire, expected) => {
    expect(JSON.stringify(wireNamed(wire).codec.encode(turn(image), 'whole').body)).toContain(expected);
  });

  it.each(['openai', 'cohere', 'qwen', 'xai-responses', 'perplexity-responses'])('is refused by %s', (wire) => {
    expect(() => wireNamed(wire).codec.encode(turn(image), 'whole')).toThrow(/in results of tool calls/);
  });
});
