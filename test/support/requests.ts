import { type ChatRequest, parseChatRequest } from '../../src/core/chat.ts';
import type { ModelFacts, Target } from '../../src/core/model.ts';
import { catalog } from '../../src/providers/catalog.ts';

/** A valid request, with the given differences. */
export function request(fields: Record<string, unknown> = {}): ChatRequest {
  return parseChatRequest({ model: 'any/model', messages: [{ role: 'user', content: 'Hello' }], ...fields });
}

/** A target of the catalogue, or an unknown one. */
export function target(id: string, facts?: Partial<ModelFacts>): Target {
  const slash = id.indexOf('/');
  const [provider, model] = [id.slice(0, slash), id.slice(slash + 1)];
  const known = catalog.find((entry) => entry.provider === provider && entry.name === model);
  const merged = facts ? ({ provider, name: model, status: 'unknown', ...known, ...facts } as ModelFacts) : known;
  return { provider, model, facts: merged };
}
