import type { Gateway } from '../core/gateway.ts';
import type { Observer } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { UsageReader } from '../core/usage.ts';
import type { ConnectionBudget } from '../http/connection-budget.ts';
import type { EventStreamSettings } from '../http/event-stream.ts';
import type { FaceSocket } from '../http/face.ts';
import { createFairTurns } from '../http/fair-turns.ts';
import { HttpError } from '../http/http-error.ts';
import { createAutomaticDocuments } from './automatic-documents.ts';
import { createBatchHandler, isBatch } from './batch.ts';
import { createDocumentCache } from './document-cache.ts';
import { type DocumentLimits, documentRules } from './document-limits.ts';
import { createErrorMask } from './error-masking.ts';
import { createFastPath } from './fast-path.ts';
import { toSubgraph } from './federation.ts';
import { createOperationGuard } from './operation-guard.ts';
import type { Manifest } from './persisted.ts';
import { createPreparer } from './prepare-operation.ts';
import { createRefusedReporter } from './report-refused.ts';
import type { GraphQLHandler } from './request.ts';
import { createParametersReader } from './request-parameters.ts';
import { createReservationTokens } from './reservation-tokens.ts';
import { schema as plainSchema } from './schema.ts';
import { createSingleConnections, type SingleConnectionParts } from './single-connection.ts';
import { createWebSocketHandler } from './web-socket.ts';
import { createYogaPath } from './yoga-path.ts';

export type GraphQLOptions = {
  readonly gateway: Gateway;
  readonly usage: UsageReader;
  readonly onRefused: Observer['refused'];
  readonly limits: DocumentLimits & {
    readonly maxComplexity: number;
    readonly maxBatch: number;
    readonly automaticPersistedQueries: boolean;
    /** Whether routers of a supergraph may use it as a subgraph. */
    readonly federation: boolean;
  };
  /** Whether every caller may introspect the schema and see suggestions for misspelt names. Admins always may. */
  readonly introspection: boolean;
  readonly manifest: Manifest;
  readonly heartbeat: EventStreamSettings;
  readonly connectionBudget: ConnectionBudget;
  readonly reserveBody: SingleConnectionParts['reserveBody'];
  readonly log: Log;
};

/** The two paths of a GraphQL request. Both are built from the same limits, guard, mask and reports. */
export function createPaths(options: GraphQLOptions) {
  const { gateway, usage, onRefused, limits, introspection, manifest, heartbeat, log } = options;
  const { connectionBudget, reserveBody } = options;
  const schema = limits.federation ? toSubgraph(plainSchema) : plainSchema;
  const shared = {
    schema,
    services: { gateway, usage },
    readParameters: createParametersReader(
      manifest,
      limits.automaticPersistedQueries ? createAutomaticDocuments() : undefined,
    ),
    mask: createErrorMask(log, introspection),
    guard: createOperationGuard({ schema, gateway, introspection, maxComplexity: limits.maxComplexity }),
    reportRefused: createRefusedReporter(onRefused),
  };
  const documents = createDocumentCache(schema, documentRules(limits));
  const yogaPath = createYogaPath({ ...shared, limits, hints: introspection });
  const prepareFast = createFastPath({ ...shared, documents, fetchAPI: yogaPath.fetchAPI, heartbeat });
  const prepareOperation = createPreparer({ ...shared, documents, limits, hints: introspection });
  const several = { ...shared, prepareOperation };
  return {
    ...{ yogaPath, prepareFast },
    handleBatch: createBatchHandler({ ...several, maxBatch: limits.maxBatch }),
    openSocket: createWebSocketHandler(several),
    singleConnections: createSingleConnections({
      ...several,
      ...{ heartbeat, connectionBudget, reserveBody, tokens: createReservationTokens(heartbeat.clock) },
    }),
  };
}

/** Over HTTP, valid operations take the fast path, everything else graphql-yoga's. Over WebSocket there is one path. */
export function createGraphQLHandlers(options: GraphQLOptions): {
  readonly handle: GraphQLHandler;
  readonly openSocket: (socket: FaceSocket) => void;
  readonly drain: () => void;
} {
  const { yogaPath, prepareFast, handleBatch, openSocket, singleConnections } = createPaths(options);
  const turns = createFairTurns();
  const handle: GraphQLHandler = (request, response) => {
    if (singleConnections.takes(request)) return singleConnections.handle(request, response);
    if (isBatch(request.body)) return handleBatch(request, response);
    const run = prepareFast(request);
    if (run) return run(response);
    if (request.method !== 'POST') {
      // Answers cost money: no link, image or form of another site may ask for one.
      throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'Send GraphQL requests by POST.', { allow: 'POST' });
    }
    return turns.take().then(() => yogaPath.handle(request, response));
  };
  return { handle, openSocket, drain: singleConnections.drain };
}
