import { z } from 'zod';
import { optional } from './optional.ts';

/** Tools that a provider runs itself while a model answers. */

export const serverToolNames = ['web_search', 'code_execution', 'url_context'] as const;
export type ServerToolName = (typeof serverToolNames)[number];

/** An approximate place, so that a search finds what is near. */
export type UserLocation = {
  readonly city?: string | undefined;
  readonly region?: string | undefined;
  /** ISO 3166-1, two letters. */
  readonly country?: string | undefined;
  /** IANA: "Europe/Paris". */
  readonly timezone?: string | undefined;
};

export type WebSearch = {
  readonly name: 'web_search';
  readonly maxUses?: number | undefined;
  /** One of both lists at most. */
  readonly allowedDomains?: readonly string[] | undefined;
  readonly blockedDomains?: readonly string[] | undefined;
  readonly userLocation?: UserLocation | undefined;
};

export type UrlContext = { readonly name: 'url_context'; readonly maxUses?: number | undefined };

export type ServerTool = WebSearch | UrlContext | { readonly name: 'code_execution' };

export const serverToolLimits = { domains: 100, uses: 100 } as const;

const uses = optional(z.int().min(1).max(serverToolLimits.uses));
const domains = optional(z.array(z.string().min(1).max(253)).min(1).max(serverToolLimits.domains));
const place = optional(z.string().min(1).max(100));
const country = z.string().regex(/^[A-Za-z]{2}$/, 'Expected an ISO country code of two letters');

const webSearch = z
  .strictObject({
    maxUses: uses,
    allowedDomains: domains,
    blockedDomains: domains,
    userLocation: optional(z.strictObject({ city: place, region: place, country: optional(country), timezone: place })),
  })
  .superRefine(({ allowedDomains, blockedDomains }, context) => {
    if (allowedDomains && blockedDomains) {
      context.addIssue({
        code: 'custom',
        path: ['blockedDomains'],
        message: 'Give "allowedDomains" or "blockedDomains", not both',
      });
    }
  });

/** `enabled: false` stands for leaving the tool out, for clients whose documents have it always. */
const enabled = optional(z.boolean());

export const serverTool = z
  .strictObject({
    webSearch: optional(webSearch),
    codeExecution: optional(z.strictObject({ enabled })),
    urlContext: optional(z.strictObject({ maxUses: uses })),
  })
  .superRefine((given, context) => {
    if (Object.values(given).filter((tool) => tool !== undefined).length !== 1) {
      context.addIssue('Give exactly one of "webSearch", "codeExecution" and "urlContext"');
    }
  })
  .transform(({ webSearch: search, codeExecution, urlContext }): ServerTool | undefined => {
    if (search) return { name: 'web_search', ...search };
    if (urlContext) return { name: 'url_context', ...urlContext };
    return codeExecution?.enabled === false ? undefined : { name: 'code_execution' };
  });
