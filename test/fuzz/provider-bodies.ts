import { pieces } from '../faults/catalogue.ts';
import { type Wire, wires } from '../faults/wires.ts';
import type { Step } from '../support/fault-server.ts';
import { mutated } from './json.ts';
import type { Dice } from './random.ts';

/** Provider answers with small errors. */

export const wireOf = ({ pick }: Dice): Wire => pick(...(wires as readonly [Wire, ...Wire[]]));

export function roughStream(wire: Wire, dice: Dice): readonly Step[] {
  const { chance, pick } = dice;
  const called = chance() < 0.4 ? wire.call(0, 'call_1', ['Pa', 'ris']) : [];
  const tail = called.length > 0 ? wire.callTail : wire.tail;
  let events = [...wire.head, ...pieces.map(wire.content), ...called, ...tail];
  for (let times = dice.below(4); times > 0; times--) events = rougherEvents(events, wire, dice);
  const text = pick<() => string>(
    () => events.join(''),
    () => events.join('').replaceAll('\n', pick('\r', '\r\n')),
    () => `\ufeff${events.join('')}`,
  )();
  const body = chance() < 0.3 ? rougherBytes(Buffer.from(text), dice) : Buffer.from(text);
  return deliver(body, 'text/event-stream', dice);
}

export function roughWhole(wire: Wire, dice: Dice): readonly Step[] {
  const { chance, pick, bytes } = dice;
  const good = JSON.parse(pick(wire.whole('Good day'), wire.whole(''), wire.errorBody('It broke')));
  const text = JSON.stringify(chance() < 0.9 ? mutated(good, dice) : good);
  const body = pick<() => string>(
    () => text,
    () => text,
    () => text.slice(0, dice.below(text.length)),
    () => `${bytes(5)}${text}${bytes(5)}`,
    () => pick('', 'null', '[]', '{}', '"x"', '7', '{"error":null}', '<html></html>', '['.repeat(5_000)),
  )();
  return deliver(chance() < 0.2 ? rougherBytes(Buffer.from(body), dice) : Buffer.from(body), 'application/json', dice);
}

function rougherEvents(events: readonly string[], wire: Wire, dice: Dice): string[] {
  const { pick, below, bytes } = dice;
  const at = below(events.length);
  const changed = (event: string) =>
    event.replace(
      /^data: (\{.*\})$/m,
      (_line, json: string) => `data: ${JSON.stringify(mutated(JSON.parse(json), dice))}`,
    );
  return pick<() => string[]>(
    () => events.map((event, index) => (index === at ? changed(event) : event)),
    () => events.map((event, index) => (index === at ? changed(event) : event)),
    () => events.filter((_event, index) => index !== at),
    () => events.flatMap((event, index) => (index === at ? [event, event] : [event])),
    () => events.toSpliced(at, 0, pick(...(events as unknown as [string, ...string[]]))),
    () =>
      events.toSpliced(at, 0, pick(wire.errorEvent, `: ${bytes(9)}\n\n`, `data: ${bytes(20)}\n\n`, ...wire.oddities)),
    () => events.toReversed(),
  )();
}

function rougherBytes(body: Buffer, { pick, below }: Dice): Buffer {
  if (body.length === 0) return body;
  const at = below(body.length);
  return pick<() => Buffer>(
    () => body.subarray(0, at),
    () => Buffer.from(body.with(at, below(256))),
    () => Buffer.concat([body.subarray(0, at), Buffer.from([below(256), below(256)]), body.subarray(at)]),
    () => Buffer.concat([body.subarray(0, at), body.subarray(Math.min(body.length, at + below(40)))]),
  )();
}

/** In one of the framings of HTTP, whole or cut. */
function deliver(body: Buffer, type: string, { chance, pick, below }: Dice): readonly Step[] {
  const status = chance() < 0.9 ? 200 : pick(201, 204, 400, 401, 404, 429, 500, 503, 529, 302, 199, 999);
  const kind = chance() < 0.95 ? type : pick('text/html', 'application/json', 'text/event-stream', 'x', '');
  const head = (framing: string) =>
    `HTTP/1.1 ${status} Whatever\r\ncontent-type: ${kind}\r\nconnection: close\r\n${framing}\r\n`;
  const end = pick<Step>('close', 'close', 'close', 'reset');
  const cut = below(body.length + 1);
  const parts = [body.subarray(0, cut), body.subarray(cut)].filter((part) => part.length > 0);
  return pick<() => readonly Step[]>(
    () => [{ write: head('') }, ...parts.map((write) => ({ write })), end],
    () => [{ write: head(`content-length: ${body.length + pick(0, 0, 0, 1, -1)}\r\n`) }, { write: body }, end],
    () => [
      { write: head('transfer-encoding: chunked\r\n') },
      ...parts.flatMap((part): Step[] => [
        { write: `${part.length.toString(16)}\r\n` },
        { write: part },
        { write: chance() < 0.97 ? '\r\n' : 'xx' },
      ]),
      { write: chance() < 0.9 ? '0\r\n\r\n' : '' },
      end,
    ],
  )();
}
