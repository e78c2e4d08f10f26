import type Anthropic from '@anthropic-ai/sdk';
import type { GenerateContentParameters } from '@google/genai';
import type { ChatCompletionRequest$Outbound } from '@mistralai/mistralai/models/components/chatcompletionrequest.js';
import type { Cohere } from 'cohere-ai';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { request } from '../support/requests.ts';
import { wireNamed } from '../support/wires.ts';

/**
 * Bodies for files, server tools, caches and the like, written down in the types of the vendors' own SDKs: what does not
 * compile is no body of theirs, and what we send has to be equal.
 */

type Json = Record<string, unknown>;

function bodyOf(wire: string, input: Json, model = 'some-model'): Json {
  const { adapter, target } = wireNamed(wire);
  const known = { ...target, model };
  const asked = request({ messages: [{ role: 'user', content: 'Hi' }], ...input });
  return { ...adapter.codecFor(known, asked).encode(asked, 'whole').body };
}

const pdf = { file: { url: 'data:application/pdf;base64,JVBERi0=', name: 'a.pdf' } };
const looking = (part: object) => ({ messages: [{ role: 'user', parts: [{ text: 'Hi' }, part] }] });
const location = { city: 'Lyon', country: 'FR', timezone: 'Europe/Paris' };

describe('Anthropic', () => {
  it.each<[string, Json, Partial<Anthropic.MessageCreateParamsNonStreaming>]>([
    [
      'a PDF',
      looking(pdf),
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hi' },
              {
                type: 'document',
                title: 'a.pdf',
                source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
              },
            ],
          },
        ],
      },
    ],
    [
      'a web search',
      { serverTools: [{ webSearch: { maxUses: 2, blockedDomains: ['b.example'], userLocation: location } }] },
      {
        tools: [
          {
            type: 'web_search_20250305',
            name: 'web_search',
            max_uses: 2,
            blocked_domains: ['b.example'],
            user_location: { type: 'approximate', ...location },
          },
        ],
      },
    ],
    [
      'code and pages',
      { serverTools: [{ codeExecution: {} }, { urlContext: { maxUses: 1 } }] },
      {
        tools: [
          { type: 'code_execution_20250825', name: 'code_execution' },
          { type: 'web_fetch_20250910', name: 'web_fetch', max_uses: 1 },
        ],
      },
    ],
    ['a cache', { promptCache: { ttl: 'long' } }, { cache_control: { type: 'ephemeral', ttl: '1h' } }],
    ['a tier', { serviceTier: 'default' }, { service_tier: 'standard_only' }],
  ])('takes %s', (_what, input, expected) => {
    expect(bodyOf('anthropic', input)).toMatchObject(expected);
  });
});

describe('OpenAI', () => {
  it.each<[string, Json, Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>]>([
    [
      'a PDF',
      looking(pdf),
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hi' },
              { type: 'file', file: { file_data: pdf.file.url, filename: 'a.pdf' } },
            ],
          },
        ],
      },
    ],
    [
      'sound, in and out',
      {
        ...looking({ audio: { data: 'UklGRg==', mediaType: 'audio/wav' } }),
        outputModalities: ['text', 'audio'],
        speech: { voice: 'verse', format: 'mp3' },
      },
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hi' },
              { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
            ],
          },
        ],
        modalities: ['text', 'audio'],
        audio: { voice: 'verse', format: 'mp3' },
      },
    ],
    [
      'the small ones',
      {
        logprobs: true,
        topLogprobs: 3,
        logitBias: { '50256': -100 },
        verbosity: 'low',
        serviceTier: 'flex',
        promptCache: { key: 'c1', ttl: 'long' },
      },
      {
        logprobs: true,
        top_logprobs: 3,
        logit_bias: { '50256': -100 },
        verbosity: 'low',
        service_tier: 'flex',
        prompt_cache_key: 'c1',
        prompt_cache_retention: '24h',
      },
    ],
  ])('takes %s on Chat Completions', (_what, input, expected) => {
    expect(bodyOf('openai', input)).toMatchObject(expected);
  });

  it('takes a place on Chat Completions, with its search models', () => {
    const expected: Partial<OpenAI.ChatCompletionCreateParams> = {
      web_search_options: { user_location: { type: 'approximate', approximate: location } },
    };
    const input = { serverTools: [{ webSearch: { userLocation: location } }] };
    expect(bodyOf('openai', input, 'gpt-4o-search-preview')).toMatchObject(expected);
  });

  it.each<[string, Json, Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming>]>([
    [
      'a PDF',
      looking(pdf),
      {
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'Hi' },
              { type: 'input_file', file_data: pdf.file.url, filename: 'a.pdf' },
            ],
          },
        ],
      },
    ],
    [
      'server tools and pictures',
      {
        serverTools: [
          { webSearch: { maxUses: 2, allowedDomains: ['a.example'], userLocation: location } },
          { codeExecution: {} },
        ],
        outputModalities: ['text', 'image'],
      },
      {
        tools: [
          {
            type: 'web_search',
            filters: { allowed_domains: ['a.example'] },
            user_location: { type: 'approximate', ...location },
          },
          { type: 'code_interpreter', container: { type: 'auto' } },
          { type: 'image_generation' },
        ],
        max_tool_calls: 2,
      },
    ],
    [
      'the small ones',
      { logprobs: true, topLogprobs: 3, verbosity: 'low', serviceTier: 'priority', metadata: { a: 'b' } },
      {
        include: ['message.output_text.logprobs'],
        top_logprobs: 3,
        text: { verbosity: 'low' },
        service_tier: 'priority',
        metadata: { a: 'b' },
      },
    ],
  ])('takes %s on Responses', (_what, input, expected) => {
    expect(bodyOf('openai-responses', input)).toMatchObject(expected);
  });

  it('takes cache options and breakpoints since GPT-5.6', () => {
    const expected: Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming> = {
      prompt_cache_options: { ttl: '12h' },
      input: [
        {
          role: 'user',
          content: [{ type: 'input_text', text: 'A book', prompt_cache_breakpoint: { mode: 'explicit' } }],
        },
      ],
    };
    const messages = [{ role: 'user', content: 'A book', cacheBreakpoint: true }];
    expect(bodyOf('openai-responses', { messages, promptCache: { ttl: 'long' } }, 'gpt-5.6')).toMatchObject(expected);
  });
});

describe('Google', () => {
  type Config = NonNullable<GenerateContentParameters['config']>;

  it.each<[string, Json, Config]>([
    [
      'tools',
      { serverTools: [{ webSearch: {} }, { codeExecution: {} }, { urlContext: {} }] },
      { tools: [{ googleSearch: {} }, { codeExecution: {} }, { urlContext: {} }] },
    ],
    [
      'pictures, logprobs and the like',
      { outputModalities: ['text', 'image'], logprobs: true, topLogprobs: 2, topK: 40 },
      { responseModalities: ['TEXT', 'IMAGE'], responseLogprobs: true, logprobs: 2, topK: 40 },
    ],
    [
      'a voice',
      { outputModalities: ['audio'], speech: { voice: 'Kore' } },
      { responseModalities: ['AUDIO'], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } } },
    ],
  ])('takes %s', (_what, input, { tools, ...generationConfig }) => {
    const isEmpty = Object.keys(generationConfig).length === 0;
    expect(bodyOf('google', input)).toMatchObject({ ...(tools && { tools }), ...(!isEmpty && { generationConfig }) });
  });
});

describe('Mistral', () => {
  it.each<[string, Json, Partial<ChatCompletionRequest$Outbound>]>([
    [
      'a document and sound',
      { messages: [{ role: 'user', parts: [pdf, { audio: { data: 'UklGRg==', mediaType: 'audio/wav' } }] }] },
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'document_url', document_url: pdf.file.url, document_name: 'a.pdf' },
              { type: 'input_audio', input_audio: 'UklGRg==' },
            ],
          },
        ],
      },
    ],
    [
      'tools, a tier, a key and metadata',
      {
        serverTools: [{ webSearch: {} }, { codeExecution: {} }],
        serviceTier: 'default',
        promptCache: { key: 'c1' },
        metadata: { a: 'b' },
      },
      {
        tools: [{ type: 'web_search' }, { type: 'code_interpreter' }],
        service_tier: 'standard_only',
        prompt_cache_key: 'c1',
        metadata: { a: 'b' },
      },
    ],
  ])('takes %s', (_what, input, expected) => {
    expect(bodyOf('mistral', input)).toMatchObject(expected);
  });
});

describe('Cohere', () => {
  it('takes k, logprobs and a budget', () => {
    const expected: Partial<Cohere.V2ChatRequest> = { k: 40, logprobs: true };
    const input = { topK: 40, logprobs: true, reasoningBudget: 2_048 };
    expect(bodyOf('cohere', input)).toMatchObject({ ...expected, thinking: { type: 'enabled', token_budget: 2_048 } });
  });
});
