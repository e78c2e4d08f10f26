import { parseArgs } from 'node:util';
import { account } from './accounting.ts';

/** `npm run resume`: a thousand streams behind nginx and two gateways; one is killed, the other restarted. */

const { values } = parseArgs({ options: { streams: { type: 'string', default: '1000' } } });
const streams = Number(values.streams);
console.log(`${streams} streams of 6 s each, half WAIT and half FINISH, through nginx to two gateways on one Redis.`);
console.log('After a second one gateway is killed (SIGKILL); then the other one is restarted (SIGTERM).\n');
const { complete, resumed, lost, lostAfterMs, refused, wrong, requests } = await account(streams);
console.log(`complete over one connection   ${complete}`);
console.log(`complete after resuming        ${resumed}`);
console.log(`STREAM_LOST, text so far exact ${lost}, the last ${Math.round(lostAfterMs)} ms after the kill`);
console.log(`refused while stopping         ${refused}`);
console.log(`requests at the provider       ${requests}`);
for (const one of wrong.slice(0, 10)) console.log(`wrong: ${one}`);
const goals: readonly [string, boolean][] = [
  [`${complete + resumed + lost} of ${streams} accounted for, ${wrong.length} wrong`, wrong.length === 0],
  [`STREAM_LOST within 5 s`, lostAfterMs < 5_000],
  [`each asked the provider once (${requests})`, requests === streams],
];
console.log();
for (const [goal, isMet] of goals) console.log(`${isMet ? 'ok  ' : 'FAIL'} ${goal}`);
process.exit(goals.every(([, isMet]) => isMet) ? 0 : 1);
