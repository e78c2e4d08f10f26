import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { specialAnswer } from './special-answers.ts';
import type { Wanted } from './wanted.ts';

type Pace = { readonly firstTokenMs: number; readonly tokensPerSecond: number };

/** Sends an answer that aimock does not have, at the sandbox's pace. */
export async function sendSpecial(response: ServerResponse, wanted: Wanted, pace: Pace): Promise<void> {
  const { whole, events } = specialAnswer(wanted);
  if (!wanted.isStream) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (pace.tokensPerSecond > 0) await sleep(pace.firstTokenMs);
  for (const event of events) {
    if (response.destroyed) return;
    const named = 'type' in event ? `event: ${event.type}\n` : '';
    if (!response.write(`${named}data: ${JSON.stringify(event)}\n\n`)) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    if (pace.tokensPerSecond > 0) await sleep(1_000 / pace.tokensPerSecond);
  }
  if (wanted.wire === 'chat') response.write('data: [DONE]\n\n');
  response.end();
}
