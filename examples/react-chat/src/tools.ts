import { tool } from 'parley-client';
import type { ChatTool } from 'parley-client/chat';
import { z } from 'zod';

/** What the model may call. They run in the page. */
export const tools: Readonly<Record<string, ChatTool>> = {
  current_time: tool({
    description: 'The time now, in a time zone.',
    parameters: z.object({ timeZone: z.string().describe('An IANA name, such as "Europe/Paris"') }),
    execute: ({ timeZone }) => new Date().toLocaleString('en', { timeZone }),
  }),
};
