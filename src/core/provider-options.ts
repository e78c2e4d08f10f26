import type { Codec } from './adapter.ts';
import type { Issue } from './errors.ts';
import type { JsonObject } from './json-object.ts';
import { isJsonObject } from './json-object.ts';

/** `providerOptions`: fields of a provider's own wire, merged into the body that a codec has encoded. */

/** Fields that the gateway sets itself: model and messages, streaming, credentials and billing, stored state. */
const reserved: ReadonlySet<string> = new Set([
  ...['model', 'models', 'preset', 'provider', 'route'],
  ...['messages', 'input', 'contents', 'system', 'systemInstruction', 'instructions', 'prompt'],
  ...['stream', 'stream_options', 'n', 'background'],
  // State in the operator's account, which callers share.
  ...[
    'store',
    'previous_response_id',
    'conversation',
    'container',
    'cachedContent',
    'prompt_id',
    'thread',
    'diagnostics',
  ],
  // Other models, accounts and prices.
  ...['fallbacks', 'fallback_credit_token', 'workspace_id', 'user_profile_id', 'billing_policy', 'access_programs'],
  ...['api_key', 'apiKey', 'key', 'token', 'access_token', 'authorization', 'Authorization', 'credentials', 'headers'],
]);

/** The same inside `generationConfig`. */
const reservedInside: ReadonlySet<string> = new Set(['candidateCount']);

export function isReserved(field: string): boolean {
  return reserved.has(field);
}

/** Names each reserved field. */
export function* providerOptionIssues(options: Readonly<Record<string, JsonObject>>): Iterable<Issue> {
  const message = 'The gateway decides this field; see the other options of the request';
  for (const [provider, fields] of Object.entries(options)) {
    for (const [field, value] of Object.entries(fields)) {
      if (isReserved(field)) yield { path: `providerOptions.${provider}.${field}`, message };
      if (!isJsonObject(value)) continue;
      for (const inner of Object.keys(value)) {
        if (reservedInside.has(inner)) yield { path: `providerOptions.${provider}.${field}.${inner}`, message };
      }
    }
  }
}

/** A codec whose bodies have the caller's own fields. */
export function withProviderOptions(codec: Codec, provider: string): Codec {
  return {
    ...codec,
    encode(request, mode) {
      const encoded = codec.encode(request, mode);
      const own = request.providerOptions?.[provider];
      return own ? { ...encoded, body: merge(encoded.body, own) } : encoded;
    },
  };
}

/** Objects are merged, lists are joined, and every other value replaces the encoded one. */
function merge(body: JsonObject, own: JsonObject): JsonObject {
  const merged = Object.entries(own).map(([field, value]) => {
    const encoded = Object.hasOwn(body, field) ? body[field] : undefined;
    if (isJsonObject(encoded) && isJsonObject(value)) return [field, merge(encoded, value)] as const;
    if (Array.isArray(encoded) && Array.isArray(value)) return [field, [...encoded, ...value]] as const;
    return [field, value] as const;
  });
  return { ...body, ...Object.fromEntries(merged) };
}
