import type { ServerResponse } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.ts';
import { anyModel } from '../support/any-model.ts';
import { browserPath, openBrowser } from '../support/browser.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { allEnded, openPage } from '../support/compare-page.ts';
import { faults, startFaultServer } from '../support/fault-server.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query, wholeChat } from '../support/graphql-client.ts';
import { openAiStream, type ProviderServer, sendStream, startProvider } from '../support/provider-server.ts';

/** Malicious output of a model. */
const hostile = [
  '<script>globalThis.broken = true</script>',
  '<img src="x" onerror="globalThis.broken = true">',
  '[press](javascript:globalThis.broken=true)',
  '![seen](https://elsewhere.example/seen.png)',
  '<style>body { display: none }</style><form action="https://elsewhere.example"><button>Go</button></form>',
  '<svg><script>globalThis.broken = true</script></svg>',
  '# A heading\n\n- **bold** and `code`',
].join('\n\n');

/** What models write when they are asked for a report. */
const report = [
  '# One\n\n## Two\n\n### Three',
  '| Provider | Milliseconds | Notes |\n| :-- | --: | :-: |\n| OpenAI | 120 | internationalization of everything |',
  '- [x] done\n- [ ] open',
  Array.from({ length: 12 }, (_, index) => `${index + 1}. point`).join('\n'),
  '```ts\nconst answer: number = 42; // why\n```',
  `\`\`\`ts\n${'a'.repeat(20_000)}\n\`\`\``,
  'A last paragraph.',
].join('\n\n');

function delta(content: object): string {
  return `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: content }] })}\n\n`;
}

function talk(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const talking = setInterval(() => response.write(delta({ content: 'word ' })), 20);
  response.once('close', () => clearInterval(talking));
}

describe.skipIf(!browserPath)('the page, with failures (skipped without Chromium)', () => {
  let browser: Browser;
  let provider: ProviderServer;
  let gateway: RunningGateway;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let faulty: Awaited<ReturnType<typeof startFaultServer>>;
  let fault: keyof typeof faults = 'status 500';

  beforeAll(async () => {
    browser = await openBrowser();
    sandbox = await startSandbox({ firstTokenMs: 0, tokensPerSecond: 0 }, anyModel);
    faulty = await startFaultServer((request) => faults[fault](request));
    provider = await startProvider(({ body }, response) => {
      if (body['model'] === 'endless') return talk(response);
      if (body['model'] === 'empty') return sendStream(response, openAiStream([' \n']));
      if (body['model'] === 'report') return sendStream(response, openAiStream(report.match(/[\s\S]{1,50}/g) ?? []));
      if (body['model'] === 'hostile') return sendStream(response, openAiStream([hostile]));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(delta({ reasoning_content: 'Let me think.' }) + openAiStream(['Thought.']));
    });
    const yaml = [
      'retries: { max: 0 }\nproviders:',
      `  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }`,
      `  faulty: { kind: openai-compatible, baseUrl: "${faulty.url}/v1", apiKeyEnv: FAULTY_API_KEY }\n`,
    ].join('\n');
    gateway = await openGateway({
      yaml,
      env: {
        FAULTY_API_KEY: 'test-key',
        OPENAI_API_KEY: 'test-key',
        OPENAI_BASE_URL: String(sandbox.baseUrl('openai')),
      },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
    await provider?.close();
    await faulty?.[Symbol.asyncDispose]();
    await sandbox?.close();
  });

  it('stops one answer, with its provider request, and not the others', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await compare.choose('openai/gpt-4o', 'local/endless');
    await compare.run();
    await page.waitForFunction(() => document.querySelectorAll('.answer .text')[1]?.textContent?.includes('word word'));
    await compare.answer(1).getByRole('button', { name: /^Stop/ }).click();
    await provider.requests.at(-1)?.closed;
    await allEnded(compare);
    expect([await compare.state(0), await compare.state(1)]).toEqual(['done', 'stopped by you']);
    expect(await compare.answer(1).innerText()).toContain('word word');
    expect(provider.open.size).toBe(0);
  });

  it('stops all of them with one button', async () => {
    await using compare = await openPage(browser, gateway.url);
    const before = provider.requests.length;
    await compare.choose('local/endless', 'local/endless-too');
    await compare.run();
    await provider.received(before + 2);
    await compare.page.getByRole('button', { name: 'Stop all' }).click();
    await Promise.all(provider.requests.slice(before).map(({ closed }) => closed));
    await allEnded(compare);
    expect(await compare.state(0)).toBe('stopped by you');
  });

  it('shows a failure in its own column, with its attempts; a retry may succeed', async () => {
    await using compare = await openPage(browser, gateway.url);
    fault = 'status 500';
    await compare.choose('openai/gpt-4o', 'faulty/model');
    await compare.run();
    await allEnded(compare);
    expect([await compare.state(0), await compare.state(1)]).toEqual(['done', 'failed']);
    const failed = compare.answer(1);
    await failed.locator('.attempts summary').click();
    expect(await failed.innerText()).toMatch(/UPSTREAM_ERROR[\s\S]*faulty\/model: UPSTREAM_ERROR HTTP 500/);
    fault = 'answer';
    await failed.getByRole('button', { name: /^Try again/ }).click();
    await compare.page.waitForFunction(() => document.querySelectorAll('.state.CompletionFinished').length === 2);
    expect(await failed.innerText()).toContain('Hello!');
  });

  it('shows which keys cool down, and for how long', async () => {
    await using compare = await openPage(browser, gateway.url);
    fault = 'status 429';
    await compare.choose('faulty/limited');
    await compare.run();
    await allEnded(compare);
    expect(await compare.answer(0).innerText()).toMatch(/UPSTREAM_RATE_LIMITED[\s\S]*Try again in \d+/);
    await compare.page.locator('#tab-providers').click();
    const row = compare.page.locator('table').first().locator('tbody tr', { hasText: 'faulty' });
    await row.waitFor();
    const [, seconds] =
      /faulty#1 cooling down limited · UPSTREAM_RATE_LIMITED · for (\d+)/.exec(await row.innerText()) ?? [];
    // The provider asked for 30 seconds, and some have passed.
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(Number(seconds)).toBeLessThanOrEqual(30);
    expect(await compare.page.locator('tbody tr', { hasText: 'Anthropic' }).innerText()).toContain('no key');
  });

  it('collapses reasoning, apart from the text', async () => {
    await using compare = await openPage(browser, gateway.url);
    await compare.choose('local/thinks');
    await compare.run();
    await allEnded(compare);
    const reasoning = compare.answer(0).locator('.reasoning');
    expect(await compare.answer(0).locator('.text').innerText()).toBe('Thought.');
    expect(await reasoning.locator('markdown-text').isVisible()).toBe(false);
    await reasoning.locator('summary').click();
    expect(await reasoning.innerText()).toContain('Let me think.');
  });

  it('renders the Markdown of a model, without any of its scripts or links to the outside', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await compare.choose('local/hostile');
    await compare.run();
    await allEnded(compare);
    const text = compare.answer(0).locator('.text');
    expect(await text.locator('h1').innerText()).toBe('A heading');
    expect(await text.locator('li strong').innerText()).toBe('bold');
    expect(await text.locator('script, img, style, form, button, svg, [onerror], [href^=javascript]').count()).toBe(0);
    expect(await text.innerText()).toContain('<script>globalThis.broken = true</script>');
    expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
    expect(compare.asked.filter((url) => url.includes('elsewhere'))).toEqual([]);
    // The policy had nothing to block.
    expect(compare.complaints).toEqual([]);
  });

  it('shows tables, headings, tasks, lists and code so that they can be read', async () => {
    await using compare = await openPage(browser, gateway.url, {
      ...{ viewport: { width: 390, height: 844 }, permissions: ['clipboard-read', 'clipboard-write'] },
    });
    const { page } = compare;
    await compare.choose('local/report');
    await compare.run();
    await allEnded(compare);
    const text = compare.answer(0).locator('.text');
    const sizes = await text
      .locator('h1, h2, h3, p')
      .evaluateAll((elements) => elements.map((element) => Number.parseFloat(getComputedStyle(element).fontSize)));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(new Set(sizes).size).toBe(4);
    const aligned = await text
      .locator('td')
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).textAlign));
    expect(aligned).toEqual(['left', 'right', 'center']);
    // The table is wider than a phone: it is scrolled by itself, and no word is broken.
    const table = text.getByRole('region', { name: 'Table' });
    expect(await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const heights = await text.locator('tr').evaluateAll((rows) => rows.map((row) => row.clientHeight));
    expect(Math.max(...heights)).toBeLessThan(60);
    expect(await text.locator('li.task').allInnerTexts()).toEqual(['☑ done', '☐ open']);
    // The numbers of a list are within the answer.
    const inset = await text.locator('ol').evaluate((list) => Number.parseFloat(getComputedStyle(list).paddingLeft));
    expect(inset).toBeGreaterThan(24);
    const code = text.locator('.code').first();
    await code.locator('.code-kwd', { hasText: 'const' }).waitFor();
    await code.getByRole('button', { name: 'Copy' }).click();
    await page.waitForFunction(() => document.querySelector('body > [role=status]')?.textContent === 'Copied.');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const answer: number = 42; // why\n');
    // Too long a line for expressions: it is shown as it came.
    expect(await text.locator('.code').nth(1).locator('span').count()).toBe(0);
    expect(compare.complaints).toEqual([]);
  });

  it('limits the height of a long answer, and follows its end until one scrolls up', async () => {
    await using compare = await openPage(browser, gateway.url);
    await compare.choose('local/endless');
    await compare.run();
    const body = compare.answer(0).locator('.body');
    const scrolled = () =>
      body.evaluate(({ scrollTop, clientHeight, scrollHeight }) => ({
        isLong: scrollHeight > clientHeight + 100,
        fromEnd: scrollHeight - clientHeight - scrollTop,
      }));
    await body.evaluate((element) => element.style.setProperty('max-height', '3rem'));
    await expect.poll(scrolled, { timeout: 15_000 }).toMatchObject({ isLong: true });
    await expect.poll(async () => (await scrolled()).fromEnd).toBeLessThan(40);
    await body.evaluate((element) => {
      element.scrollTop = 0;
    });
    const { fromEnd } = await scrolled();
    await expect.poll(async () => (await scrolled()).fromEnd).toBeGreaterThan(fromEnd);
    expect(await body.evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    await compare.answer(0).getByRole('button', { name: /^Stop/ }).click();
    await allEnded(compare);
  });

  it('marks an empty answer, which is best at nothing', async () => {
    await using compare = await openPage(browser, gateway.url);
    await compare.choose('local/empty', 'openai/gpt-4o');
    await compare.run();
    await allEnded(compare);
    expect([await compare.state(0), await compare.state(1)]).toEqual(['empty answer', 'done']);
    expect(await compare.answer(0).locator('.best').count()).toBe(0);
  });

  it('says that a key is wrong, or what it may not do', async () => {
    const [web, kiosk] = [callerKey('web'), callerKey('kiosk', 'persistedOnly: true')];
    await using closed = await openGateway({
      yaml: `${quickSandbox}server: { graphiql: true }\ngraphql: { persistedOperations: list.json }\n${callersYaml(web, kiosk)}`,
      files: { 'list.json': '{ "h1": "{ __typename }" }' },
    });
    await using compare = await openPage(browser, closed.url);
    const { page } = compare;
    const problem = page.locator('.key [role=alert]');
    await problem.waitFor();
    for (const [key, text] of [
      ['parley_wrong', /^This key is wrong, or was withdrawn/],
      [kiosk.key, /only run persisted operations/],
    ] as const) {
      await page.locator('.key input').fill(key);
      await page.keyboard.press('Enter');
      await problem.filter({ hasText: text }).waitFor();
    }
    await page.locator('.key input').fill(web.key);
    await page.keyboard.press('Enter');
    await page.locator('.chip').first().waitFor();
    expect(await problem.count()).toBe(0);
  });

  it('reports that the gateway is unreachable', async () => {
    const gone = await openGateway({ yaml: quickSandbox });
    await using compare = await openPage(browser, gone.url);
    await compare.choose('openai/gpt-4o');
    await gone[Symbol.asyncDispose]();
    await compare.run();
    await allEnded(compare);
    expect(await compare.answer(0).innerText()).toContain('The gateway could not be reached.');
  });

  it("asks for the caller's key where one is needed, and stores it nowhere", async () => {
    const web = callerKey('web', 'models: [openai/gpt-4o]');
    await using closed = await openGateway({
      yaml: `${quickSandbox}server: { graphiql: true }\n${callersYaml(web)}`,
    });
    await using compare = await openPage(browser, closed.url);
    const { page } = compare;
    await page.locator('.key [role=alert]').waitFor();
    await page.locator('.key input').fill(web.key);
    await page.keyboard.press('Enter');
    // Only models that this caller may use are shown.
    await page.locator('.chip').waitFor();
    expect(await page.locator('.chip').allInnerTexts()).toEqual([expect.stringContaining('GPT-4o')]);
    await compare.run();
    await allEnded(compare);
    expect(await compare.state(0)).toBe('done');
    const kept = await page.evaluate(() =>
      JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]),
    );
    expect(kept).not.toContain(web.key);
    expect(compare.asked.join()).not.toContain(web.key);
    await page.reload();
    await page.locator('.key [role=alert]').waitFor();
  });

  it('shows each caller its own usage, and an admin that of all', async () => {
    const [one, other, admin] = [callerKey('one'), callerKey('other'), callerKey('ops', 'admin: true')];
    await using closed = await openGateway({
      yaml: `${quickSandbox}server: { graphiql: true }\n${callersYaml(one, other, admin)}`,
    });
    const input = { messages: [{ role: 'USER', content: 'Hello' }] };
    for (const [model, { key }] of [
      ['openai/gpt-4o', one],
      ['openai/gpt-4o', one],
      ['mistral/mistral-large-latest', other],
    ] as const) {
      await query(closed.url, wholeChat, { input: { ...input, model } }, key);
    }
    await using compare = await openPage(browser, closed.url);
    const { page } = compare;
    await page.locator('.key [role=alert]').waitFor();
    await page.locator('#tab-providers').click();
    const isShown = async ({ key }: typeof one, rows: readonly unknown[]) => {
      if (!(await page.locator('.key input').isVisible())) await page.locator('.key summary').click();
      await page.locator('.key input').fill(key);
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('.usage tbody tr').allInnerTexts()).toEqual(rows);
    };
    const openAi = expect.stringMatching(/^OpenAI\s+2\s+–\s+\d+ → \d+\s+\$0\.\d+\s+–$/);
    const mistral = expect.stringMatching(/^Mistral\s+1\s+–\s/);
    await isShown(one, [openAi]);
    await isShown(other, [mistral]);
    await isShown(admin, [openAi, mistral]);
  });
});
