import { anthropic } from './support-anthropic.ts';
import { cohere } from './support-cohere.ts';
import { google } from './support-google.ts';
import { mistral } from './support-mistral.ts';
import { openai } from './support-openai.ts';
import { openaiResponses } from './support-openai-responses.ts';
import type { Witness } from './support-witness.ts';

/** The vendors that have an SDK of their own. */
export const witnesses: readonly Witness[] = [openai, openaiResponses, anthropic, mistral, cohere, google];
