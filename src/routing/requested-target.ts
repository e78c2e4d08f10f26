import { chatLimits } from '../core/message.ts';

/** The names in a request, for logs and failures. The request is not validated yet: they may be anything, but are bounded. */
export type RequestedTarget = {
  readonly provider: string;
  readonly model: string;
  readonly requestId: string | undefined;
};

export function requestedTarget(input: unknown): RequestedTarget {
  const { model, provider, requestId } = Object(input) as Readonly<Record<string, unknown>>;
  const given = typeof requestId === 'string' ? requestId.slice(0, chatLimits.id) : undefined;
  const name = typeof model === 'string' ? model.slice(0, chatLimits.model) : '';
  if (typeof provider === 'string') {
    return { provider: provider.slice(0, chatLimits.name), model: name, requestId: given };
  }
  const slash = name.indexOf('/');
  return { provider: name.slice(0, Math.max(0, slash)), model: name.slice(slash + 1), requestId: given };
}
