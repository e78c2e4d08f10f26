import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeServices } from '@theguild/federation-composition';
import { graphql, Kind, parse } from 'graphql';

/**
 * A router over the gateway and a subgraph that extends its models: `node supergraph.ts hive|apollo GATEWAY_URL KEY`. Prints its
 * address. A process of its own, because it runs on another major version of graphql than the gateway.
 */

const [kind, gateway, key] = process.argv.slice(2);

const reviews = parse(`
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Model @key(fields: "id") { id: ID! stars: Int! }
type Query { best: Model! nowhere: Model! }
`);
const schema = buildSubgraphSchema([
  {
    typeDefs: reviews,
    resolvers: {
      Model: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: id.length }) },
      Query: {
        best: () => ({ __typename: 'Model', id: 'openai/gpt-4o', stars: 5 }),
        nowhere: () => ({ __typename: 'Model', id: 'nobody/knows', stars: 1 }),
      },
    },
  },
]);

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<{ query: string; variables: Record<string, unknown> }> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString());
}

const other = await listen(
  createServer(async (request, response) => {
    const { query, variables } = await bodyOf(request);
    const result = await graphql({ schema, source: query, variableValues: variables });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  }),
);
const answer = await fetch(`${gateway}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  body: JSON.stringify({ query: '{ _service { sdl } }' }),
});
const { data } = (await answer.json()) as { data: { _service: { sdl: string } } };
const composed = composeServices([
  { name: 'parley', typeDefs: parse(data._service.sdl), url: `${gateway}/graphql` },
  { name: 'reviews', typeDefs: reviews, url: other },
]);
if (!('supergraphSdl' in composed) || !composed.supergraphSdl) throw new Error(JSON.stringify(composed.errors));
const supergraphSdl = composed.supergraphSdl;

function hive(): RequestListener {
  return createGatewayRuntime({
    supergraph: supergraphSdl,
    // Subscriptions are sent by GET otherwise, which runs nothing here.
    transportEntries: { parley: { options: { method: 'POST' } } },
    logging: false,
    maskedErrors: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? '' }),
    },
  });
}

async function apollo(): Promise<RequestListener> {
  const router = new ApolloGateway({
    supergraphSdl,
    buildService: ({ url = '' }) =>
      new RemoteGraphQLDataSource<{ authorization?: string }>({
        url,
        willSendRequest({ request, context }) {
          if (context.authorization) request.http?.headers.set('authorization', context.authorization);
        },
      }),
  });
  const { executor } = await router.load();
  return async (request, response) => {
    const { query, variables } = await bodyOf(request);
    const document = parse(query);
    const result = await executor({
      ...{ document, queryHash: query, operationName: null, metrics: {}, logger: console, cache: new Map() },
      operation: document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION),
      request: { query, variables },
      context: { authorization: request.headers.authorization },
    } as never);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  };
}

console.log(await listen(createServer(kind === 'apollo' ? await apollo() : hive())));
