export const disconnectPolicies = ['stop', 'wait', 'finish'] as const;

/**
 * What happens to a stream when its last client disconnects. `stop`: the provider is stopped. `wait`: it goes on for
 * `resume.graceMs`. `finish`: it goes on to its end, and the answer is kept for `resume.keepMs`.
 */
export type DisconnectPolicy = (typeof disconnectPolicies)[number];

/** What one caller may keep beyond a disconnect. */
export type KeepLimits = {
  /** Policies besides `stop`. */
  readonly allow: readonly DisconnectPolicy[];
  /** Running streams that are kept. Ended ones make room for new ones. */
  readonly maxStreams: number;
  /** Text of all kept streams, in bytes of memory. */
  readonly maxBytes: number;
};
