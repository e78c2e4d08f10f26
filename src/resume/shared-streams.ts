import type { KeptStreamInfo } from '../core/kept-streams.ts';
import type { KeptStream, StreamFacts } from './kept-stream.ts';

/** Streams of other gateways, which share a store. */
export type SharedStreams = {
  /** Makes a stream of this gateway known to the others. `remove` is called when its caller removes it on another one. */
  publish(stream: KeptStream, remove: () => void): Publication;
  /** A stream of the caller that another gateway runs or ran. */
  find(callerId: string, streamId: string): Promise<RemoteStream | undefined>;
  findByRequest(callerId: string, requestId: string): Promise<RemoteStream | undefined>;
  list(callerId: string): Promise<readonly KeptStreamInfo[]>;
  close(): Promise<void>;
};

/** The copy in the shared store of a stream that this gateway runs. */
export type Publication = {
  /** Something was appended, or the stream has ended. Writes are batched. */
  changed(): void;
  /** Removes it. */
  remove(): void;
};

/** A stream that another gateway runs or ran. */
export type RemoteStream = {
  readonly facts: StreamFacts;
  /** Fills a local copy with everything so far, and then keeps it up to date until the returned function is called. */
  follow(copy: KeptStream): Promise<() => void>;
  stop(): Promise<void>;
  /** Stops it and forgets its answer. */
  remove(): Promise<void>;
};
