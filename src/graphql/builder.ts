import SchemaBuilder from '@pothos/core';
import { GraphQLDateTime, GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars';
import type { AbortSignalLike } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import type { Gateway } from '../core/gateway.ts';
import type { JsonObject } from '../core/json-object.ts';
import type { TraceHeaders } from '../core/observer.ts';
import type { UsageReader } from '../core/usage.ts';
import type { FaceWork } from '../http/face.ts';

export type Context = {
  readonly gateway: Gateway;
  readonly usage: UsageReader;
  readonly caller: Caller;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignalLike;
  readonly trace: TraceHeaders;
  readonly work: FaceWork;
  /** Of a client that reconnects: it wants the rest of its stream. */
  readonly lastEventId?: string | undefined;
};

export const builder = new SchemaBuilder<{
  Context: Context;
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    JSONObject: { Input: JsonObject; Output: JsonObject };
  };
}>({});

builder.addScalarType('DateTime', GraphQLDateTime, { description: 'A time in UTC, ISO 8601.' });
builder.addScalarType('JSONObject', GraphQLJSONObject, { description: 'A JSON object, such as a JSON schema.' });

builder.addScalarType('JSON', GraphQLJSON, { description: 'Any JSON value.' });

/** For functions that add the same fields to several types. */
export type SchemaTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;
