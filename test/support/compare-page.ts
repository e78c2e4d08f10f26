import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** The page at `/`, as a person would use it. */
export type ComparePage = AsyncDisposable & {
  readonly page: Page;
  /** URLs of all requests so far. */
  readonly asked: readonly string[];
  /** Errors of the browser: refused by the policy, thrown, not found. */
  readonly complaints: readonly string[];
  /** Replaces the selected models by these. */
  choose(...models: readonly string[]): Promise<void>;
  run(prompt?: string): Promise<void>;
  answer(index: number): Locator;
  state(index: number): Promise<string>;
  /** Opens the request behind an answer. */
  inspect(index: number): Promise<void>;
};

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<ComparePage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (thrown) => complaints.push(String(thrown)));
  await page.goto(url);
  await page.waitForSelector('.composer');
  const answer = (index: number) => page.locator('.answer').nth(index);
  return {
    page,
    asked,
    complaints,
    answer,
    [Symbol.asyncDispose]: () => context.close(),
    state: (index) => answer(index).locator('.state').innerText(),
    inspect: async (index) => {
      await answer(index).getByRole('button', { name: /^Code/ }).click();
      await page.locator('#request').waitFor();
    },
    choose: async (...models) => {
      const chosen = page.locator('.chip button');
      await chosen.first().waitFor();
      for (let count = await chosen.count(); count > 0; count--) await chosen.nth(count - 1).click();
      await page.locator('.add').click();
      for (const model of models) {
        await page.locator('#picker input').fill(model);
        // The result list is that of this search only when its first entry matches.
        await page.locator('#option-0', { hasText: model }).waitFor();
        await page.keyboard.press('Enter');
        await page.locator('#option-0[aria-selected=true]', { hasText: model }).waitFor();
      }
      await page.keyboard.press('Escape');
    },
    run: async (prompt) => {
      if (prompt !== undefined) await page.locator('#prompt').fill(prompt);
      await page.locator('.run').click();
    },
  };
}

/** Waits until no answer is streaming. */
export async function allEnded({ page }: ComparePage): Promise<void> {
  await page.locator('.answer').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.answer[aria-busy=true]').length === 0);
}
