import { printSchema } from 'graphql';
import { builder } from './builder.ts';
import './models.ts';
import './model-connection.ts';
import './routes.ts';
import './completion.ts';
import './chat-stream.ts';
import './embed.ts';
import './kept-streams.ts';
import './usage.ts';

export const schema = builder.toSchema();

/** The text of `schema.graphql`. */
export function printedSchema(): string {
  return `${printSchema(schema)}\n`;
}
