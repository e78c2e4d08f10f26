import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusOf } from '../../src/rest/errors.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { foldChunks, type Json, readEvents } from '../support/rest-client.ts';

/** A plain curl script, and the examples of docs/openai.md. */

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/openai.md`, 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code.trim());

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ yaml: 'sandbox: { firstTokenMs: 0, tokensPerSecond: 0 }\n' });
});
afterAll(() => gateway.stop());

/** With the port replaced. */
const hereIn = (code: string) =>
  code.replaceAll('http://localhost:4000', gateway.url.replace('127.0.0.1', 'localhost'));

async function curl(command: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', `${hereIn(command)} -sS --fail-with-body`]);
  return stdout;
}

const post = `curl -X POST http://localhost:4000/v1/chat/completions -H "Content-Type: application/json" -d `;

async function answerTo(body: string): Promise<{ content: string; extras: Json; finish: unknown }> {
  const { choices, x_parley } = JSON.parse(await curl(`${post}'${body}'`));
  return { content: choices[0].message.content, extras: x_parley, finish: choices[0].finish_reason };
}

describe('curl', () => {
  it('lists the models of each provider', async () => {
    const models = JSON.parse(await curl('curl -X GET http://localhost:4000/models'));
    expect(models).toMatchObject({ openai: expect.arrayContaining(['gpt-4o', 'o1']) });
    expect(Object.keys(models)).toHaveLength(11);
  });

  it('sends a request to a model', async () => {
    const { content, extras } = await answerTo(
      '{"provider":"openai","model":"gpt-4o","messages":[{"role":"user","content":"Explique-moi les LLMs simplement."}],"temperature":0.7}',
    );
    expect(content).toContain('“Explique-moi les LLMs simplement.”');
    expect(extras).toMatchObject({ provider: 'openai', is_sandbox: true, warnings: [] });
  });

  it('streams, with a system message', async () => {
    const body =
      '{"provider":"anthropic","model":"claude-sonnet-4-6","messages":[{"role":"user","content":"Écris un poème."}],"stream":true,"system_message":"Tu es un poète talentueux."}';
    const chunks = readEvents(await curl(`${post}'${body}'`));
    expect(foldChunks(chunks)).toMatchObject({
      content: expect.stringContaining('“Écris un poème.”'),
      finish_reason: 'stop',
      x_parley: { provider: 'anthropic' },
    });
  });

  it.each(['high', 'auto', 'low', 'medium'])('reasons with the effort "%s"', async (effort) => {
    const { finish, extras } = await answerTo(
      `{"provider":"openai","model":"gpt-5","messages":[{"role":"user","content":"Hello"}],"reasoning_effort":"${effort}"}`,
    );
    expect(finish).toBe('stop');
    expect(extras).toMatchObject({ warnings: [] });
  });

  it('sends an image', async () => {
    const { content } = await answerTo(
      '{"provider":"openai","model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"https://example.com/image.jpg"}}]}]}',
    );
    expect(content).toContain('What is this?');
  });

  it('requests JSON', async () => {
    const { content } = await answerTo(
      '{"provider":"openai","model":"gpt-4o","messages":[{"role":"user","content":"Hello"}],"response_format":{"type":"json_object"}}',
    );
    expect(JSON.parse(content)).toEqual(expect.any(Object));
  });
});

describe('docs/openai.md', () => {
  it.each(blocks('sh'))('shows a command that works: %.110s…', async (command) => {
    const answer = await curl(command);
    if (command.includes('"stream":true')) readEvents(answer);
    else expect(JSON.parse(answer)).not.toHaveProperty('error');
  });

  it.each(blocks('js'))('shows a program that runs: %.60s…', async (program) => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', hereIn(program)], { cwd: root });
    expect(stdout).toMatch(/answering in the place of|sample name/);
  });

  it('lists the status of each code', () => {
    const rows = [...page.matchAll(/^\| (\d{3}) \| (.*?) \|/gm)];
    const listed = rows.flatMap(([, status, codes = '']) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => [code, Number(status)]),
    );
    expect(Object.fromEntries(listed)).toEqual(statusOf);
  });
});
