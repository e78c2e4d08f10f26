import { wholeText } from '../answers.ts';
import { open, toRequest } from '../client.ts';
import { graphQL, startParley } from '../contestants.ts';
import type { Measure } from '../measure.ts';
import { summarize } from '../statistics.ts';

/** From the start of the built program to its first answer to `chat`. */

export const startUp: Measure = async ({ upstream, isQuick }) => {
  const times: number[] = [];
  // The first start fills the caches of the system.
  for (let start = 0; start <= (isQuick ? 3 : 10); start++) {
    const started = performance.now();
    await using gateway = await startParley(`${upstream.nginx}/whole/v1`);
    using connection = await open(gateway.url);
    const { wire } = await connection.ask(toRequest(gateway.url, graphQL('whole')));
    if (!wire.includes(wholeText)) throw new Error(`The first answer is ${wire}`);
    if (start > 0) times.push(performance.now() - started);
  }
  return {
    rows: [{ what: 'from the start to the first answer', unit: 'ms', goal: { atMost: 500 }, sample: summarize(times) }],
  };
};
