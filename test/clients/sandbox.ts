import { afterAll, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, type RunningGateway } from '../support/gateway.ts';

/** Gateways whose providers are the sandbox, each provider with its own wire. */

/** Responses, Messages and Gemini's own API. */
export const models = ['openai/gpt-5-mini', 'anthropic/claude-sonnet-4-5', 'google/gemini-2.5-flash'] as const;

const web = callerKey('web');
const poor = callerKey('poor', 'limits: { requestsPerMinute: 1 }');

export type Sandbox = AsyncDisposable & {
  /** Answers at once. */
  readonly url: string;
  /** Writes ten tokens per second. */
  readonly slowUrl: string;
  readonly key: string;
  /** A key that is good for one request per minute. */
  readonly poorKey: string;
  /** Resolves when the provider of a slow answer has been stopped because its client left. */
  stopped(): Promise<void>;
};

/** A sandbox for the tests of one file. `onOpen` is called before the first of them. */
export function withSandbox(onOpen: () => void = () => {}): Omit<Sandbox, keyof AsyncDisposable> {
  let opened: Sandbox | undefined;
  beforeAll(async () => {
    opened = await openSandbox();
    onOpen();
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  const open = (): Sandbox => opened ?? expect.fail('The sandbox is not open yet');
  return {
    get url() {
      return open().url;
    },
    get slowUrl() {
      return open().slowUrl;
    },
    get key() {
      return open().key;
    },
    get poorKey() {
      return open().poorKey;
    },
    stopped: () => open().stopped(),
  };
}

async function openSandbox(): Promise<Sandbox> {
  const [quick, slow] = await Promise.all([open(0), open(10)]);
  let seen = 0;
  return {
    url: quick.url,
    slowUrl: slow.url,
    key: web.key,
    poorKey: poor.key,
    async stopped() {
      const cancelled = () => slow.calls.filter(({ fields }) => fields['code'] === 'CANCELLED').length;
      await expect.poll(cancelled, { timeout: 10_000 }).toBeGreaterThan(seen);
      seen = cancelled();
    },
    async [Symbol.asyncDispose]() {
      await quick[Symbol.asyncDispose]();
      await slow[Symbol.asyncDispose]();
    },
  };
}

function open(tokensPerSecond: number): Promise<RunningGateway> {
  const yaml = `sandbox: { firstTokenMs: 0, tokensPerSecond: ${tokensPerSecond} }\n${callersYaml(web, poor)}`;
  return openGateway({ yaml });
}

/** A schema for structured answers. */
export const Person = z.object({ name: z.string(), age: z.number() });

/** The answer of the sandbox to `question`. */
export const question = 'Hello';
export const answered = /You asked: “Hello”/;

/** A question that the sandbox answers by a call of the only tool, and then with what the tool said. */
export const weatherQuestion = 'What is the weather in Paris?';
export const degreesIn = (city: string) => `21 degrees in ${city}`;
export const told = /21 degrees in/;

/** What a promise is rejected with. */
export function failureOf(asked: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(asked).then(
    () => expect.fail('No failure'),
    (thrown: unknown) => thrown,
  );
}
