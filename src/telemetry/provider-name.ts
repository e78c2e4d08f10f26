/** Providers whose id here differs from OpenTelemetry's `gen_ai.provider.name` (semantic conventions 1.45.0). */
const conventional: Readonly<Record<string, string>> = {
  google: 'gcp.gemini',
  mistral: 'mistral_ai',
  xai: 'x_ai',
};

/** A provider's name in spans and metrics: that of the conventions where they have one, else the id. */
export function toProviderName(id: string): string {
  return Object.hasOwn(conventional, id) ? (conventional[id] ?? id) : id;
}
