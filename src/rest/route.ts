import type { ServerResponse } from 'node:http';
import type { FaceRequest } from '../http/face.ts';

export type RestRequest = Omit<FaceRequest, 'url' | 'headers'>;

/** Answers a request, or one route of them. */
export type RestHandler = (request: RestRequest, response: ServerResponse) => Promise<void>;
