import type { ServerResponse } from 'node:http';
import type { FaceRequest } from '../http/face.ts';

export type GraphQLRequest = Omit<FaceRequest, 'path'>;

/** What Yoga passes through to its plugins and the context. */
export type ServerContext = Pick<GraphQLRequest, 'body' | 'caller' | 'signal' | 'trace' | 'work'>;

/** Answers a request. */
export type GraphQLHandler = (request: GraphQLRequest, response: ServerResponse) => Promise<void>;
