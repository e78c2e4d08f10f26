import { z } from 'zod';
import { type ModelFacts, modelFacts } from '../core/model.ts';
import data from './catalog.json' with { type: 'json' };

/** Facts about the chat models of the built-in providers; docs/catalogue.md tells sources and how to refresh them. */
export const catalog: readonly ModelFacts[] = z.array(modelFacts).parse(data.models);

/** The day up to which the facts were read. */
export const catalogDay: string = data.asOf;
