import { collect } from '../../core/collect.ts';
import type { ProviderCompletion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { array } from '../read-json.ts';
import { readSuccess } from './decode-error.ts';
import { createReader } from './reader.ts';

/** A whole answer is a stream of one piece. */
export function decode(body: unknown): ProviderCompletion {
  const piece = readSuccess(body);
  const reader = createReader();
  const events = reader.read(piece);
  if (array(piece['candidates']).length === 0 && !reader.isComplete()) {
    throw new GatewayError('UPSTREAM_MALFORMED', 'google responded without a candidate.');
  }
  return collect([...events, ...reader.finish()]);
}
