import type { IncomingMessage, ServerResponse } from 'node:http';
import { LLMock } from '@copilotkit/aimock';
import { cannedResponse } from './canned-responses.ts';
import { explainIncomplete } from './incomplete.ts';
import { attachedFeatures, attachFeatures } from './requested-features.ts';
import { isResponses } from './wires.ts';

export type SandboxPace = {
  /** Delay before the first token, in milliseconds. */
  readonly firstTokenMs: number;
  /** 0: no delay. */
  readonly tokensPerSecond: number;
};

export type Sandbox = {
  /** The base URL of a provider's sandbox. */
  baseUrl(provider: string): URL;
  close(): Promise<void>;
};

/** Characters per piece of a streamed answer: about one token. */
const chunkSize = 5;

/** Providers with another path than OpenAI's. */
const basePaths: Readonly<Record<string, string>> = {
  anthropic: '/',
  cohere: '/v2',
  google: '/v1beta',
  mistral: '/mistral/v1',
  ai21: '/ai21/v1',
  perplexity: '/perplexity/v1',
};

/** Answers for every provider on the loopback interface, over HTTP and in the provider's own wire format. */
export async function startSandbox({ firstTokenMs, tokensPerSecond }: SandboxPace): Promise<Sandbox> {
  const mock = new LLMock({
    host: '127.0.0.1',
    port: 0,
    chunkSize,
    logLevel: 'silent',
    // Its journal would keep prompts in memory.
    journalMaxEntries: 1,
  });
  const reader = {
    async handleRequest(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      if (isResponses(request.url ?? '')) explainIncomplete(response);
      if (request.method === 'POST') await attachFeatures(request);
      return false;
    },
  };
  for (const path of ['/v1', '/v1beta', '/v2', '/mistral', '/ai21', '/perplexity']) mock.mount(path, reader);
  mock.addFixture({
    match: { predicate: () => true },
    response: (request) => cannedResponse(request, attachedFeatures(request._context)),
    ...(tokensPerSecond > 0 && { streamingProfile: { ttft: firstTokenMs, tps: tokensPerSecond } }),
  });
  await mock.start();
  return {
    baseUrl: (provider) => new URL(basePaths[provider] ?? '/v1', mock.url),
    close: () => mock.stop(),
  };
}
