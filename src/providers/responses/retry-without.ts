import type { EncodedRequest, UpstreamFailure } from '../../core/adapter.ts';
import type { Warning } from '../../core/completion.ts';
import { list, readJson, record, type Wire, word } from '../read-json.ts';

/**
 * Two things that only the provider can know are sent on trust, and left out when they are refused: organizations that
 * are not verified get no summaries, and encrypted reasoning opens only for the organization that it was made for, which
 * with several keys may be another one.
 */
export function withoutRefused(
  provider: string,
  sent: EncodedRequest,
  { status, body }: UpstreamFailure,
): EncodedRequest | undefined {
  if (status !== 400 && status !== 404) return undefined;
  const root = record(readJson(body));
  const error = record(root['error']);
  const { reasoning, input } = sent.body;
  if (isAboutSummary(error) && record(reasoning)['summary'] !== undefined) {
    const { summary: _, ...rest } = record(reasoning);
    const message = `${provider} shows this organization no thoughts; they were not asked for`;
    return without(sent, { reasoning: rest }, { option: 'reasoningEffort', message });
  }
  const items = list(input).filter((item) => record(item)['type'] !== 'reasoning');
  if (isAboutReasoning(error) && items.length < list(input).length) {
    const message = `${provider} could not open the reasoning of an earlier turn; it was sent without`;
    return without(sent, { input: items }, { option: 'messages', message });
  }
  return undefined;
}

function isAboutSummary({ code, param }: Wire): boolean {
  return code === 'unsupported_value' && param === 'reasoning.summary';
}

/** Azure tells the same without a code. */
function isAboutReasoning({ code, message }: Wire): boolean {
  return (
    code === 'invalid_encrypted_content' ||
    /encrypted content .*could not be verified|item with id 'rs_\w*' not found/i.test(word(message) ?? '')
  );
}

function without({ path, body, warnings }: EncodedRequest, fields: Wire, warning: Warning): EncodedRequest {
  return { path, body: { ...body, ...fields }, warnings: [...warnings, warning] };
}
