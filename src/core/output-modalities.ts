/** What models write. */
export const outputModalities = ['text', 'image', 'audio'] as const;
export type OutputModality = (typeof outputModalities)[number];
