import type { ServerResponse } from 'node:http';
import type { FaceRequest } from '../http/face.ts';

export type RestRequest = FaceRequest;

/** Answers a request, or one of its routes. */
export type RestHandler = (request: RestRequest, response: ServerResponse) => Promise<void>;
