import { collect } from '../../core/collect.ts';
import type { ProviderCompletion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { array } from '../read-json.ts';
import { toPieces } from './decode-error.ts';
import { createReader } from './reader.ts';

/** A whole answer is a stream of one piece; without `alt=sse` a stream is a list of them. */
export function decode(body: unknown): ProviderCompletion {
  const pieces = toPieces(body);
  const reader = createReader();
  const events = pieces.flatMap((piece) => reader.read(piece));
  if (pieces.every((piece) => array(piece['candidates']).length === 0) && !reader.isComplete()) {
    throw new GatewayError('UPSTREAM_MALFORMED', 'google responded without a candidate.');
  }
  return collect([...events, ...reader.finish()]);
}
