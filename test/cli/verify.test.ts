import { describe, expect, it } from 'vitest';
import { forgetful, quickSandbox } from '../support/gateway.ts';
import { exitOf, launch, runParley, startGateway } from '../support/gateway-process.ts';
import {
  openAiAnswer,
  openAiStream,
  type ReceivedRequest,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';
import { outcomes, readReport, reportFile, runVerify } from '../support/verify-run.ts';

/** A custom provider that lists the given models. */
const providerOf = (url: string, models: readonly string[]) =>
  `providers:\n  local: { kind: openai-compatible, baseUrl: "${url}/v1", models: [${models.join(', ')}] }\n${forgetful}`;
const isStream = ({ body }: ReceivedRequest) => body['stream'] === true;

describe('parley verify, in the sandbox', () => {
  it('passes whole and streamed for all 103 promised models, retired ones too', async () => {
    const { code, output, report } = await runVerify({ args: ['--seed', '--concurrency', '16'] });
    expect([code, output]).toEqual([0, expect.stringContaining('206 of 206 checks passed (100.0 %)')]);
    expect(output).toContain('206 checks of 103 models, all answered by the sandbox at no cost.');
    const { results, stats, isComplete } = report();
    expect(isComplete).toBe(true);
    expect(stats).toMatchObject({ planned: 206, checks: 206, passed: 206, failed: 0, successRate: 1 });
    expect(new Set(results.map(({ model, mode }) => `${model} ${mode}`)).size).toBe(206);
    expect(results.every(({ success, isSandbox, error }) => success && isSandbox && error === null)).toBe(true);
    expect(Object.keys(stats.providers)).toHaveLength(11);
  });

  it('asks for what each model supports', async () => {
    const { code, report } = await runVerify({
      args: ['--features', '--model', 'openai/gpt-4.1', '--model', 'cohere/command'],
    });
    expect(code).toBe(0);
    const modes = (model: string) => report().results.flatMap((one) => (one.model === model ? [one.mode] : []));
    const all = ['whole', 'streamed', 'PDF', 'JSON schema', 'web search', 'picture', 'logprobs'];
    expect(modes('openai/gpt-4.1')).toEqual(all);
    expect(modes('cohere/command')).not.toContain('web search');
  });

  it('writes a report that tells of each check, and a table of 100 columns without control characters', async () => {
    const { code, output, report } = await runVerify({
      args: ['--model', 'gpt-4o', '--model', 'deepinfra/meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8'],
    });
    expect(code).toBe(0);
    const { timestamp, gateway, stats, results } = report();
    expect(new Date(timestamp).toISOString()).toBe(timestamp);
    expect(gateway).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(stats).toEqual({
      planned: 4,
      checks: 4,
      passed: 4,
      failed: 0,
      successRate: 1,
      durationMs: expect.any(Number),
      tokens: expect.any(Number),
      costUsd: expect.any(Number),
      providers: {
        openai: { checks: 2, passed: 2, failed: 0, successRate: 1 },
        deepinfra: { checks: 2, passed: 2, failed: 0, successRate: 1 },
      },
    });
    expect(results[1]).toEqual({
      provider: 'openai',
      model: 'openai/gpt-4o',
      mode: 'streamed',
      success: true,
      isSandbox: true,
      responseStart: expect.stringMatching(/^Hello from Parley's sandbox.{1,60}$/s),
      error: null,
      durationMs: expect.any(Number),
      firstTokenMs: expect.any(Number),
      finishReason: 'STOP',
      tokens: expect.any(Number),
      costUsd: expect.any(Number),
    });
    expect(results[0]).toMatchObject({ mode: 'whole', firstTokenMs: null });
    expect([...output].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
    const table = output.slice(output.indexOf('model  '));
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBe(100);
    expect(table).toMatch(/^deepinfra\/meta-llama\/Ll…-17B-128E-Instruct-FP8 +ok +ok +\d+ ms +\d\.\d\d s +\d+ +\S+$/m);
    expect(output).toMatch(/^[1-4]\/4 openai\/gpt-4o, streamed: ok$/m);
  });

  it('checks a gateway that is already running', async () => {
    const gateway = await startGateway({ yaml: quickSandbox });
    const { code, report } = await runVerify({
      args: ['--url', gateway.url, '--provider', 'ai21', '--provider', 'xai'],
    });
    expect(code).toBe(0);
    const { gateway: asked, stats } = report();
    expect(asked).toBe(`${gateway.url}/graphql`);
    expect(Object.keys(stats.providers).sort()).toEqual(['ai21', 'xai']);
    await gateway.stop();
  });
});

describe('parley verify, with a faulty provider', () => {
  const answer = openAiAnswer('Hello!') as { choices: [{ message: object; finish_reason: string }]; usage?: object };
  const [choice] = answer.choices;
  const stream = openAiStream(['Hel', 'lo!']);
  const call = [{ index: 0, id: 'call_1', type: 'function', function: { name: 'greet', arguments: '{}' } }];
  const behaviours: Record<string, (request: ReceivedRequest) => { whole: object; stream: string }> = {
    good: () => ({ whole: answer, stream }),
    'says-nothing': () => ({
      whole: { ...answer, choices: [{ ...choice, message: { role: 'assistant', content: '' } }] },
      stream: openAiStream([]),
    }),
    'counts-nothing': () => ({
      whole: { ...answer, usage: undefined },
      stream: stream.replace(/data: .*"usage".*\n\n/, ''),
    }),
    'ends-strangely': () => ({
      whole: { ...answer, choices: [{ ...choice, finish_reason: 'bored' }] },
      stream: stream.replace('"finish_reason":"stop"', '"finish_reason":"bored"'),
    }),
    'breaks-off': () => ({
      whole: answer,
      stream: stream
        .slice(0, stream.indexOf('data: {"id":"chatcmpl-t","choices":[],'))
        .replace('"finish_reason":"stop"', '"finish_reason":null'),
    }),
    'calls-in-streams': () => ({
      whole: answer,
      stream: stream
        .replaceAll('"content":"Hel"', `"tool_calls":${JSON.stringify(call)}`)
        .replace('"content":"lo!"', ''),
    }),
  };

  it('reports each fault by its code, and in the exit status', async () => {
    const provider = await startProvider((request, response) => {
      const model = String(request.body['model']);
      if (model === 'never-answers') return;
      if (model === 'not-paid') return sendJson(response, 401, { error: { message: 'Incorrect API key provided' } });
      const told = behaviours[model]?.(request);
      if (isStream(request)) sendStream(response, told?.stream ?? '');
      else sendJson(response, 200, told?.whole);
    });
    const models = [...Object.keys(behaviours), 'never-answers', 'not-paid'];
    const { code, output, report } = await runVerify({
      yaml: providerOf(provider.url, models),
      args: ['--timeout', '1', '--concurrency', '8'],
    });
    expect(output).toContain('16 of them are requests to real providers and may cost money: local 16.');
    expect(outcomes(report())).toEqual([
      'local/good whole ok',
      'local/good streamed ok',
      'local/says-nothing whole UPSTREAM_MALFORMED',
      'local/says-nothing streamed UPSTREAM_MALFORMED',
      'local/counts-nothing whole USAGE_MISSING',
      'local/counts-nothing streamed USAGE_MISSING',
      'local/ends-strangely whole BAD_FINISH',
      'local/ends-strangely streamed BAD_FINISH',
      'local/breaks-off whole ok',
      'local/breaks-off streamed UPSTREAM_TRUNCATED',
      'local/calls-in-streams whole ok',
      'local/calls-in-streams streamed STREAM_DIFFERS',
      'local/never-answers whole CHECK_TIMEOUT',
      'local/never-answers streamed CHECK_TIMEOUT',
      'local/not-paid whole UPSTREAM_AUTHENTICATION',
      'local/not-paid streamed UPSTREAM_AUTHENTICATION',
    ]);
    expect(code).toBe(1);
    expect(output).toContain('local/breaks-off, streamed: UPSTREAM_TRUNCATED\n  ');
    expect(output).toContain('4 of 16 checks passed (25.0 %)');
    // When the check is aborted, the gateway cancels the request, too.
    await Promise.all(provider.requests.map(({ closed }) => closed));
    await provider.close();
  });

  it('prints its results so far on Ctrl-C, and cancels running requests', async () => {
    const provider = await startProvider(({ body }, response) => {
      if (body['model'] === 'silent') return;
      if (body['stream'] === true) sendStream(response, stream);
      else sendJson(response, 200, answer);
    });
    const json = reportFile();
    const { child, output } = launch({
      yaml: providerOf(provider.url, ['good', 'silent', 'late']),
      args: ['verify', '--concurrency', '1', '--json', json],
    });
    await provider.received(3);
    const interrupted = provider.requests[2]?.closed;
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(130);
    await interrupted;
    const report = readReport(json);
    expect(outcomes(report)).toEqual(['local/good whole ok', 'local/good streamed ok']);
    expect(report).toMatchObject({ isComplete: false, stats: { planned: 6, checks: 2, passed: 2 } });
    expect(output()).toContain('Stopped: 2 of 6 checks were made.');
    expect(provider.requests).toHaveLength(3);
    await provider.close();
  });
});

describe('parley verify', () => {
  it.each([
    [['--model', 'gpt-4oo'], 'this gateway lists no model "gpt-4oo"'],
    [['--json', '/nowhere/report.json'], '--json: cannot write /nowhere/report.json (ENOENT).'],
  ])('refuses %j in one sentence, and asks nothing', async (args, sentence) => {
    const { code, output } = await runParley({ args: ['verify', ...args] });
    expect([code, output]).toEqual([1, expect.stringContaining(sentence)]);
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  it('sends the key of PARLEY_KEY, and names that variable when the key is refused', async () => {
    const gateway = await startProvider((_request, response) =>
      sendJson(response, 401, { errors: [{ message: 'This key is not known.' }] }),
    );
    const { code, output } = await runParley({
      args: ['verify', '--url', gateway.url],
      env: { PARLEY_KEY: 'parley-canary-77' },
    });
    expect(gateway.requests).toMatchObject([
      { path: '/graphql', headers: { authorization: 'Bearer parley-canary-77' } },
    ]);
    expect([code, output]).toEqual([
      1,
      `${gateway.url}/graphql: HTTP 401: This key is not known. (The key is read from PARLEY_KEY.)\n`,
    ]);
    await gateway.close();
    const gone = await runParley({ args: ['verify', '--url', gateway.url] });
    expect(gone.output).toBe(`${gateway.url}/graphql: The connection to the gateway failed (ECONNREFUSED).\n`);
  });

  it('prints its options', async () => {
    const { code, output } = await runParley({ args: ['verify', '--help'] });
    expect([code, output]).toEqual([0, expect.stringContaining('--seed            Only the 103 models')]);
  });
});
