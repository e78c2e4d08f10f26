import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import type { ProviderEvent } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { readJson } from '../read-json.ts';
import { toPieces } from './decode-error.ts';
import { createReader } from './reader.ts';

export function decodeStream(): StreamDecoder {
  const reader = createReader();

  function push({ data }: ServerSentEvent): readonly ProviderEvent[] {
    const payload = data.trim();
    if (payload === '' || payload === '[DONE]') return [];
    const piece = readJson(payload);
    if (typeof piece !== 'object' || piece === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', 'google sent an event that is not JSON.');
    }
    return toPieces(piece).flatMap((one) => reader.read(one));
  }

  // A finish reason may come in several events, and an error may follow it: only the end of the body is the end.
  function end(): readonly ProviderEvent[] {
    if (reader.isComplete()) return reader.finish();
    throw new GatewayError('UPSTREAM_TRUNCATED', 'The stream of google ended without a finish reason.');
  }

  return { push, end, usage: reader.usage };
}
