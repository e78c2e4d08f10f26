import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { allEnded, openPage } from '../support/compare-page.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { startGateway } from '../support/gateway-process.ts';
import { query } from '../support/graphql-client.ts';

const fourModels = [
  'openai/gpt-4o',
  'anthropic/claude-sonnet-4-5',
  'mistral/mistral-large-latest',
  'cohere/command-a-03-2025',
] as const;

describe.skipIf(!browserPath)('the page, with the sandbox behind it (skipped without Chromium)', () => {
  let gateway: RunningGateway;
  let browser: Browser;
  beforeAll(async () => {
    gateway = await openGateway({ yaml: quickSandbox });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  it('shows the answers of four models side by side while they stream', async () => {
    const slow = await startGateway({ yaml: 'sandbox: { firstTokenMs: 100, tokensPerSecond: 90 }\n' });
    await using compare = await openPage(browser, slow.url);
    const { page } = compare;
    await compare.choose(...fourModels);
    await compare.run('Hello!');
    const lengths = () =>
      page.$$eval('.answer .text', (texts) => texts.map(({ textContent }) => textContent?.length ?? 0));
    await page.waitForFunction(() => {
      const texts = [...document.querySelectorAll('.answer[aria-busy=true] .text')];
      return texts.length === 4 && texts.every(({ textContent }) => textContent !== '');
    });
    const early = await lengths();
    await allEnded(compare);
    const whole = await lengths();
    for (const [index, length] of whole.entries()) expect(length).toBeGreaterThan(early[index] ?? Number.NaN);
    for (const index of fourModels.keys()) {
      const text = await compare.answer(index).innerText();
      expect(text).toMatch(/sandbox/);
      expect(text).toMatch(/First token\s+\d+ ms/);
      expect(text).toMatch(/Speed\s+\d+ tok\/s/);
      expect(text).toMatch(/Cost\s+\$0\.0\d+/);
      expect(await compare.state(index)).toBe('done');
    }
    // One of four costs is the lowest.
    expect(await page.locator('.measures .best').count()).toBeGreaterThan(0);
    expect(compare.complaints).toEqual([]);
    await slow.stop();
  });

  it('works with the keyboard alone', async () => {
    await using compare = await openPage(browser, gateway.url, { reducedMotion: 'reduce' });
    const { page } = compare;
    await page.waitForSelector('.chip');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the answers');
    for (let presses = 0; presses < 20; presses++) {
      if (await page.evaluate(() => document.activeElement?.matches('.add'))) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.keyboard.type('vision mistral');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('.picker [aria-selected=true]').length === 1);
    await page.keyboard.press('Escape');
    expect(await page.locator('.chip').count()).toBe(3);
    await page.locator('#prompt').focus();
    await page.keyboard.press('Control+Enter');
    await allEnded(compare);
    // Announced once for each answer, not for each delta.
    expect(await page.locator('body > [role=status]').innerText()).toMatch(/: done\.$/);
    await page.locator('#tab-compare').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('#message').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector('tbody .SANDBOX');
    const mistral = page.locator('.usage tbody tr', { hasText: 'Mistral' });
    expect(await mistral.innerText()).toMatch(/^Mistral\s+\d+\s+–\s+\d+ → \d+\s+\$\d/);
    expect(await page.locator('.times tbody tr').count()).toBe(3);
  });

  it('finds models by capability, and disables those that cannot take the image, with the reason', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page, complaints } = compare;
    await page.locator('.add').click();
    await page.locator('#picker input').fill('reasoning vision anthropic');
    // The result list is that of this search only when its first entry matches.
    await page.locator('#option-0', { hasText: 'Anthropic' }).waitFor();
    const found = await page.locator('.picker li').allInnerTexts();
    expect(found.length).toBeGreaterThan(2);
    for (const text of found) expect(text).toMatch(/Anthropic[\s\S]*vision[\s\S]*reasoning[\s\S]*context · \$\d/);
    await page.keyboard.press('Escape');
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await page.locator('input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: png });
    await page.waitForSelector('.image img');
    await page.locator('.add').click();
    await page.locator('#picker input').fill('mistral/codestral-latest');
    const option = page.locator('#option-0', { hasText: 'mistral/codestral-latest' });
    expect(await option.innerText()).toContain('takes no images');
    await page.keyboard.press('Enter');
    expect(await page.locator('.picker [role=status]').innerText()).toMatch(/^2 of 4/);
    expect(await option.getAttribute('aria-selected')).toBe('false');
    expect(complaints).toEqual([]);
  });

  it('sends the image, the system message and the options, and shows the request', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await compare.choose('anthropic/claude-sonnet-4-5');
    await page.locator('.options summary').click();
    await page.getByLabel('System message').fill('Be brief.');
    await page.getByLabel('Temperature').fill('0.5');
    await page.getByLabel('Max tokens').fill('10');
    await compare.run('What is this?');
    await allEnded(compare);
    expect(await compare.state(0)).toBe('cut at the limit');
    await compare.inspect(0);
    const [document = '', variables = '{}'] = await page.locator('#request pre').allInnerTexts();
    expect(JSON.parse(variables)).toMatchObject({
      input: { model: 'anthropic/claude-sonnet-4-5', systemMessage: 'Be brief.', temperature: 0.5, maxTokens: 10 },
    });
    // The request that is shown is the one that was sent: sending it by hand follows the same stream.
    const again = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: document, variables: JSON.parse(variables) }),
    });
    expect(await again.text()).toContain('"finishReason":"LENGTH"');
  });

  it('opens a request in GraphiQL, where it runs; the prompt is in no URL', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await compare.choose('openai/gpt-4o');
    await compare.run('A secret plan');
    await allEnded(compare);
    await compare.inspect(0);
    const opening = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'Open in GraphiQL' }).click();
    const graphiql = await opening;
    await graphiql.waitForSelector('.graphiql-execute-button');
    expect(graphiql.url()).toBe(`${gateway.url}/graphql`);
    await graphiql.locator('.graphiql-execute-button[aria-label^="Execute"]').click();
    await graphiql.waitForFunction(() => document.querySelector('.result-window')?.textContent?.includes('"STOP"'));
    expect(compare.asked.join()).not.toContain('secret');
  });

  it('copies a comparison as Markdown and as JSON', async () => {
    await using compare = await openPage(browser, gateway.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = compare;
    await compare.choose('openai/gpt-4o', 'cohere/command-a-03-2025');
    await compare.run('Hello!');
    await allEnded(compare);
    const copied = async (name: string) => {
      await page.getByRole('button', { name }).click();
      await page.waitForFunction(() => document.querySelector('body > [role=status]')?.textContent === 'Copied.');
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('Copy as Markdown')).toMatch(
      /^> Hello!\n\n\| Model \|[\s\S]*\| GPT-4o \| \d+ ms \|[\s\S]*## GPT-4o\n\nHello from/,
    );
    const json = JSON.parse(await copied('Copy as JSON'));
    expect(json).toMatchObject([
      { input: { model: 'openai/gpt-4o' }, end: { __typename: 'CompletionFinished', finishReason: 'STOP' } },
      { input: { model: 'cohere/command-a-03-2025' } },
    ]);
  });

  it('keeps runs in this browser until they are deleted', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await compare.choose('openai/gpt-4o');
    await compare.run('Remember me');
    await allEnded(compare);
    await page.reload();
    await page.locator('.run-link').click();
    expect(await compare.answer(0).innerText()).toContain('“Remember me”');
    expect(await page.locator('#prompt').inputValue()).toBe('Remember me');
    page.once('dialog', (dialog) => dialog.dismiss());
    await page.getByRole('button', { name: 'Forget all' }).click();
    expect(await page.locator('.run-link').count()).toBe(1);
    page.once('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', { name: 'Forget all' }).click();
    await page.locator('.history').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Remember me');
  });

  it('begins with the newest models, and lists these first', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    const { data } = await query(
      gateway.url,
      '{ models(filter: { provider: "openai", status: ACTIVE, isAvailable: true }) { id released } }',
    );
    const models = data?.['models'] as readonly { id: string; released: string | null }[];
    const newest = models
      .map(({ released }) => released ?? '')
      .toSorted()
      .at(-1);
    const [chosen = ''] = await page
      .locator('.chip')
      .evaluateAll((chips) => chips.map((chip) => chip.getAttribute('title') ?? ''));
    expect(models.find(({ id }) => id === chosen)?.released).toBe(newest);
    await page.locator('.add').click();
    await page.locator('#picker input').fill('openai');
    await page.locator('#option-0', { hasText: 'OpenAI' }).waitFor();
    const listed = await page.locator('.picker li code').allInnerTexts();
    const dates = listed.flatMap((id) => models.find((model) => model.id === id)?.released ?? []);
    expect(dates.length).toBeGreaterThan(3);
    expect(dates).toEqual(dates.toSorted().toReversed());
  });

  it('shows the prompt, the options and the models again after a reload, and not in another tab', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await compare.choose('cohere/command-a-03-2025');
    await page.locator('#prompt').fill('Half a tho');
    await page.locator('.options summary').click();
    await page.getByLabel('Temperature').fill('0.5');
    await page.reload();
    await page.locator('.chip').waitFor();
    expect(await page.locator('.chip').allInnerTexts()).toEqual([expect.stringContaining('Command A')]);
    expect(await page.locator('#prompt').inputValue()).toBe('Half a tho');
    expect(await page.getByLabel('Temperature').inputValue()).toBe('0.5');
    const other = await page.context().newPage();
    await other.goto(gateway.url);
    await other.locator('.chip').first().waitFor();
    expect(await other.locator('#prompt').inputValue()).not.toBe('Half a tho');
  });

  it('refuses a number that is none, and sends nothing', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await page.locator('.options summary').click();
    for (const [label, typed] of [
      ['Temperature', 'abc'],
      ['Max tokens', '1e'],
    ] as const) {
      await page.getByLabel(label).fill(typed);
      await page.locator('.run').click();
      await page
        .getByRole('alert')
        .filter({ hasText: `${label}: expected a number` })
        .waitFor();
      await page.getByLabel(label).fill('');
    }
    expect(await page.locator('.answer').count()).toBe(0);
    await page.getByLabel('Temperature').fill('0,5');
    await compare.run();
    await allEnded(compare);
    expect(await compare.state(0)).toBe('done');
    expect(await page.getByRole('alert').filter({ hasText: 'expected' }).count()).toBe(0);
  });

  it('shows what a run cost in total, and copies one answer', async () => {
    await using compare = await openPage(browser, gateway.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = compare;
    await compare.choose('openai/gpt-4o', 'cohere/command-a-03-2025');
    await compare.run('Hello!');
    await allEnded(compare);
    expect(await page.locator('main').innerText()).toMatch(/This run: \$0\.0\d+/);
    await compare
      .answer(1)
      .getByRole('button', { name: /^Copy the answer/ })
      .click();
    await page.waitForFunction(() => document.querySelector('body > [role=status]')?.textContent === 'Copied.');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^Hello from/);
  });

  it.each([
    ['GraphiQL', false],
    ['Docs', true],
  ] as const)('links to %s', async (name, hasDocs) => {
    await using compare = await openPage(browser, gateway.url);
    await compare.page.getByRole('link', { name, exact: true }).click();
    await compare.page.waitForSelector('.graphiql-execute-button');
    const docs = compare.page.locator('.graphiql-doc-explorer');
    if (hasDocs) await docs.waitFor();
    else expect(await docs.count()).toBe(0);
  });

  it('is in French for a French browser', async () => {
    await using compare = await openPage(browser, gateway.url, { locale: 'fr-FR' });
    await compare.run();
    await allEnded(compare);
    expect(await compare.state(0)).toBe('terminé');
    expect(await compare.answer(0).innerText()).toMatch(/Premier jeton\s+\d+\sms/);
    expect(await compare.page.evaluate(() => document.documentElement.lang)).toBe('fr');
  });

  const axe = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
  it.each(['light', 'dark'] as const)('has no violation of axe-core, in %s colours', async (colorScheme) => {
    // The page's own policy would not let a test inject a script.
    await using compare = await openPage(browser, gateway.url, { colorScheme, bypassCSP: true });
    const { page } = compare;
    await page.evaluate(axe);
    // The content behind the dialog was already checked, and takes seconds.
    const faults = async (place = 'html') => {
      const found = await page.evaluate(
        (within) =>
          (
            globalThis as unknown as {
              axe: { run(within: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
            }
          ).axe.run(within),
        place,
      );
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
    };
    await compare.choose('openai/gpt-4o', 'nobody/knows');
    await compare.run();
    await allEnded(compare);
    expect(await compare.state(1)).toBe('failed');
    expect(await faults(), 'answers').toEqual([]);
    await page.locator('.add').click();
    // All models look alike.
    await page.locator('#picker input').fill('anthropic vision');
    await page.locator('#option-0', { hasText: 'Anthropic' }).waitFor();
    expect(await faults('#picker'), 'picker').toEqual([]);
    await page.keyboard.press('Escape');
    await compare.inspect(0);
    expect(await faults('#request'), 'request').toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('#tab-providers').click();
    await page.waitForSelector('.times');
    expect(await faults(), 'providers').toEqual([]);
  });

  it('fits screens of 360, 768 and 1440 pixels', async () => {
    await using compare = await openPage(browser, gateway.url);
    const { page } = compare;
    await compare.choose(...fourModels);
    await compare.run();
    await allEnded(compare);
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    for (const tab of ['#tab-compare', '#tab-chat', '#tab-providers']) {
      await page.locator(tab).click();
      for (const width of [360, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await overflow(), `${tab} at ${width}`).toBe(0);
      }
    }
  });

  it('makes no request to another host, and none that fails', async () => {
    await using compare = await openPage(browser, gateway.url);
    await compare.run('![a](https://elsewhere.example/a.png) <img src="https://elsewhere.example/b.png">');
    await allEnded(compare);
    expect(compare.asked.filter((url) => !url.startsWith(gateway.url))).toEqual([]);
    expect(compare.complaints).toEqual([]);
  });
});
