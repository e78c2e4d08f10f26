import { expect, it } from 'vitest';
import { openGateway, quickSandbox } from '../support/gateway.ts';

/** GraphiQL spends money with one click, so no other site may frame it or fill it in. */

const get = (url: string, site?: string) =>
  fetch(url, { redirect: 'manual', headers: { accept: 'text/html', ...(site && { 'sec-fetch-site': site }) } });

it('serves GraphiQL with headers that forbid frames and foreign scripts', async () => {
  await using gateway = await openGateway({ yaml: quickSandbox });
  const { status, headers } = await get(`${gateway.url}/graphql`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('content-security-policy')).not.toContain("script-src 'unsafe-inline'");
});

it('fills in a query of the URL only from the same origin or for the user', async () => {
  await using gateway = await openGateway({ yaml: quickSandbox });
  const url = `${gateway.url}/graphql?query={models{id}}`;
  for (const site of ['cross-site', 'same-site', undefined]) {
    const { status, headers } = await get(url, site);
    expect([site, status, headers.get('location')]).toEqual([site, 303, '/graphql']);
  }
  for (const site of ['same-origin', 'none']) expect((await get(url, site)).status).toBe(200);
});
