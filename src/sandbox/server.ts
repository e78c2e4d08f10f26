import type { IncomingMessage, ServerResponse } from 'node:http';
import { LLMock } from '@copilotkit/aimock';
import { cannedResponse } from './canned-responses.ts';
import { explainIncomplete } from './incomplete.ts';
import { createRefusals, type SandboxRules } from './refusals.ts';
import { attachedFeatures, attachFeatures } from './requested-features.ts';
import { sendSpecial } from './send-special.ts';
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

/** Providers with another path than OpenAI's; the others have their id in front of it. */
const basePaths: Readonly<Record<string, string>> = {
  anthropic: '/',
  cohere: '/v2',
  google: '/v1beta',
};

/** Answers for every provider on the loopback interface, over HTTP and in the provider's own wire format. */
export async function startSandbox(
  { firstTokenMs, tokensPerSecond }: SandboxPace,
  rules: SandboxRules,
): Promise<Sandbox> {
  const refusalOf = createRefusals(rules);
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
      const path = request.url ?? '';
      if (isResponses(path)) explainIncomplete(response);
      if (request.method !== 'POST') return false;
      const { model, maxTokens, wanted, embeddings } = await attachFeatures(request, rules.embeddingModels ?? []);
      if (embeddings) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(embeddings));
        return true;
      }
      const refusal = refusalOf(providerOf(path), model, maxTokens);
      if (!refusal && wanted) {
        await sendSpecial(response, wanted, { firstTokenMs, tokensPerSecond });
        return true;
      }
      if (!refusal) return false;
      response.writeHead(refusal.status, { 'content-type': 'application/json' }).end(JSON.stringify(refusal.body));
      return true;
    },
  };
  mock.mount('', reader);
  mock.addFixture({
    match: { predicate: () => true },
    response: (request) => cannedResponse(request, attachedFeatures(request._context)),
    ...(tokensPerSecond > 0 && { streamingProfile: { ttft: firstTokenMs, tps: tokensPerSecond } }),
  });
  await mock.start();
  return {
    baseUrl: (provider) => new URL(basePaths[provider] ?? `/${provider}/v1`, mock.url),
    close: () => mock.stop(),
  };
}

/** The provider whose sandbox a path belongs to. */
function providerOf(path: string): string {
  const [, first = ''] = path.split('/', 2);
  return Object.keys(basePaths).find((provider) => prefixes[provider] === first) ?? first;
}

/** The first part of each path. Anthropic's is at the root. */
const prefixes: Readonly<Record<string, string>> = { anthropic: 'v1', cohere: 'v2', google: 'v1beta' };
