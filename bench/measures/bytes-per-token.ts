import { text, textOf, tokens } from '../answers.ts';
import { dechunked, open, split, toRequest } from '../client.ts';
import { type Asked, direct, graphQL, rest, startParley, textDocument } from '../contestants.ts';
import { type Measure, once, type Row } from '../measure.ts';

/** Bytes that a client downloads for one token of English that arrives alone (merged tokens take less). The whole body counts. */

export const bytesPerToken: Measure = async ({ upstream }) => {
  const base = `${upstream.paced}/v1`;
  await using gateway = await startParley(base);
  const question = { content: `paced-200-${tokens.length}` };
  const [ofText, restBody, provider] = await Promise.all([
    ask(gateway.url, graphQL('stream', question, textDocument)),
    ask(gateway.url, rest('stream', question)),
    ask(base, direct('stream', question)),
  ]);
  const row = (what: string, bytes: number): Row => ({ what, unit: 'bytes', sample: once(bytes / tokens.length) });
  return {
    rows: [
      { ...row('a token, for `{ chatStream { ... on ContentDelta { text } } }`', ofText.events), goal: { atMost: 60 } },
      row('the same with the framing of HTTP/1.1', ofText.wire),
      row('the same token through REST', restBody.events),
      row('the same token from the provider', provider.events),
    ],
  };
};

async function ask(url: string, asked: Asked): Promise<{ readonly events: number; readonly wire: number }> {
  using connection = await open(url);
  const { wire } = await connection.ask(toRequest(url, asked));
  const { body } = split(wire);
  const events = dechunked(body);
  if (textOf(events) !== text) throw new Error(`${url} streams ${events}`);
  return { events: events.length, wire: body.length };
}
