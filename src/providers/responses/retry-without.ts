import type { EncodedRequest, UpstreamFailure } from '../../core/adapter.ts';
import type { Warning } from '../../core/completion.ts';
import { array, nonEmptyString, object, readJson, type WireObject } from '../read-json.ts';

/**
 * Two things that only the provider can know are sent and left out when refused: unverified organizations get no
 * summaries, and encrypted reasoning can be decrypted only by the organization that made it, which with several keys
 * may be another one.
 */
export function withoutRefused(
  provider: string,
  sent: EncodedRequest,
  { status, body }: UpstreamFailure,
): EncodedRequest | undefined {
  if (status !== 400 && status !== 404) return undefined;
  const root = object(readJson(body));
  const error = object(root['error']);
  const { reasoning, input } = sent.body;
  if (isAboutSummary(error) && object(reasoning)['summary'] !== undefined) {
    const { summary: _, ...rest } = object(reasoning);
    const message = `Reasoning summaries are not available to this ${provider} organization; requested without them`;
    return without(sent, { reasoning: rest }, { option: 'reasoningEffort', message });
  }
  const items = array(input).filter((item) => object(item)['type'] !== 'reasoning');
  if (isAboutReasoning(error) && items.length < array(input).length) {
    const message = `${provider} could not decrypt the reasoning of an earlier turn; it was left out`;
    return without(sent, { input: items }, { option: 'messages', message });
  }
  return undefined;
}

function isAboutSummary({ code, param }: WireObject): boolean {
  return code === 'unsupported_value' && param === 'reasoning.summary';
}

/** Azure sends the same without a code. */
function isAboutReasoning({ code, message }: WireObject): boolean {
  return (
    code === 'invalid_encrypted_content' ||
    /encrypted content .{0,300}could not be verified|item with id 'rs_\w*' not found/i.test(
      (nonEmptyString(message) ?? '').slice(0, 2_000),
    )
  );
}

function without({ path, body, warnings }: EncodedRequest, fields: WireObject, warning: Warning): EncodedRequest {
  return { path, body: { ...body, ...fields }, warnings: [...warnings, warning] };
}
