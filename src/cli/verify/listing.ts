import { type Listing, listingDocument, listingShape } from './answer-shape.ts';
import type { GatewayClient } from './client.ts';
import { supportFields } from './features.ts';
import { Finding } from './finding.ts';
import { UsageError } from './options.ts';
import { plainText } from './plain-text.ts';

/** The models that a gateway offers. Undefined when the run was stopped; a UsageError where no request is possible. */
export async function listModels(
  client: GatewayClient,
  endpoint: URL,
  timeoutMs: number,
  signal: AbortSignal,
  withFeatures: boolean,
): Promise<Listing | undefined> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const document = listingDocument(withFeatures ? supportFields : '');
    return await client.query({ document, shape: listingShape }, within);
  } catch (thrown) {
    if (signal.aborted) return undefined;
    if (within.aborted) throw new UsageError(`${endpoint} did not answer within ${timeoutMs / 1_000} s.`);
    if (thrown instanceof Finding) throw new UsageError(`${endpoint}: ${plainText(thrown.message)}`);
    throw thrown;
  }
}
