import { z } from 'zod';
import { type ModelFacts, modelFacts } from '../core/model.ts';
import data from './catalog.json' with { type: 'json' };

/**
 * Facts about the chat models of the built-in providers; docs/catalogue.md names the sources and how to refresh them.
 */
export const catalog: readonly ModelFacts[] = z.array(modelFacts).parse(data.models);

/** The date of the facts. */
export const catalogDay: string = data.asOf;
