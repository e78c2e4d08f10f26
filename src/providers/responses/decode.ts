import { collect } from '../../core/collect.ts';
import type { ProviderCompletion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Target } from '../../core/model.ts';
import { array, object } from '../read-json.ts';
import { throwIfFailed } from './decode-error.ts';
import type { ResponsesProfile } from './profile.ts';
import { createReader } from './reader.ts';

export function decode(profile: ResponsesProfile, target: Target, body: unknown): ProviderCompletion {
  const response = object(body);
  throwIfFailed(profile.id, response);
  const { status, output } = response;
  if (!Array.isArray(output) && status !== 'completed' && status !== 'incomplete') {
    throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} responded without an output.`);
  }
  // Only background responses, which this gateway does not create.
  if (status === 'queued' || status === 'in_progress') {
    throw new GatewayError('UPSTREAM_ERROR', `${profile.id} returned an answer that it had not finished.`);
  }
  const reader = createReader(profile, target);
  return collect([
    ...reader.start(response),
    ...array(output).flatMap((item, position) => reader.closeItem(position, object(item))),
    ...reader.finish(response),
  ]);
}
