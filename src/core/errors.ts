/**
 * What each failure means to the caller. The list is closed: both faces speak exactly these codes.
 * `retryable` says whether the same request may succeed later; `failover` whether another target may answer it now.
 */
export const failureCodes = {
  INVALID_REQUEST: {
    retryable: false,
    failover: false,
    description: 'The request breaks a rule of ChatInput; `issues` name each place. Nothing was sent.',
  },
  UNKNOWN_PROVIDER: {
    retryable: false,
    failover: false,
    description: 'No provider of this name is built in or configured. Nothing was sent.',
  },
  MODEL_NOT_ALLOWED: {
    retryable: false,
    failover: false,
    description: 'The key of this caller may not ask this model, or one of the fallbacks. Nothing was sent.',
  },
  PROVIDER_NOT_CONFIGURED: {
    retryable: false,
    failover: true,
    description: 'The provider is known, but this gateway has no key for it. Nothing was sent.',
  },
  UNSUPPORTED_OPTION: {
    retryable: false,
    failover: true,
    description:
      'The target cannot honour an option that changes the contract (tools, images, response format, ...). Nothing was sent.',
  },
  DUPLICATE_REQUEST: {
    retryable: false,
    failover: false,
    description: 'A request with this requestId is running or ended a short while ago. Nothing was sent.',
  },
  MODEL_NOT_FOUND: {
    retryable: false,
    failover: true,
    description: 'The provider does not know this model, or no longer offers it.',
  },
  CONTEXT_LENGTH_EXCEEDED: {
    retryable: false,
    failover: true,
    description: 'The messages and the requested output do not fit into the context window of the model.',
  },
  CONTENT_FILTERED: {
    retryable: false,
    failover: false,
    description: 'The provider refused the prompt or the answer for its usage policy.',
  },
  UPSTREAM_REJECTED: {
    retryable: false,
    failover: false,
    description: 'The provider called the request invalid (HTTP 400, 413, 422, ...).',
  },
  UPSTREAM_AUTHENTICATION: {
    retryable: false,
    failover: true,
    description: 'The provider refused the key of this gateway, or the key may not use this model.',
  },
  UPSTREAM_BILLING: {
    retryable: false,
    failover: true,
    description: 'The account of this gateway at the provider has no credit or has reached its spending limit.',
  },
  UPSTREAM_RATE_LIMITED: {
    retryable: true,
    failover: true,
    description:
      'The provider limits the rate of this gateway; `retryAfterMs` says for how long, where the provider told.',
  },
  UPSTREAM_OVERLOADED: {
    retryable: true,
    failover: true,
    description: 'The provider is overloaded or down for maintenance (HTTP 503, 529).',
  },
  UPSTREAM_ERROR: {
    retryable: true,
    failover: true,
    description: 'The provider failed inside (HTTP 5xx, or an error event in a stream).',
  },
  UPSTREAM_TIMEOUT: {
    retryable: true,
    failover: true,
    description: 'The provider did not answer in time.',
  },
  UPSTREAM_UNREACHABLE: {
    retryable: true,
    failover: true,
    description: 'No connection to the provider, or the connection broke.',
  },
  UPSTREAM_TRUNCATED: {
    retryable: true,
    failover: true,
    description: 'The answer of the provider ended without its end marker, so a part of it may be missing.',
  },
  UPSTREAM_MALFORMED: {
    retryable: true,
    failover: true,
    description: 'The answer of the provider is not in the form of its API.',
  },
  TARGETS_EXHAUSTED: {
    retryable: true,
    failover: false,
    description: 'The model and all its fallbacks failed; `attempts` lists each try with its own code.',
  },
  CANCELLED: {
    retryable: false,
    failover: false,
    description: 'The caller left before the answer was complete; the call to the provider was stopped.',
  },
  INTERNAL: {
    retryable: false,
    failover: false,
    description: 'A defect of the gateway. Its log has the details; the answer has none.',
  },
} as const satisfies Record<string, { retryable: boolean; failover: boolean; description: string }>;

export type FailureCode = keyof typeof failureCodes;

/** One broken rule of a request. `path` is written as a caller would: `messages[2].parts[0].image.url`. */
export type Issue = { readonly path: string; readonly message: string };

export type FailureDetails = {
  readonly cause?: unknown;
  /** Overrides the table, for the few failures that a provider declares final (or not) itself. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly issues?: readonly Issue[];
  /** HTTP status of the provider's answer, where there was one. */
  readonly status?: number | undefined;
};

/** The one error that callers may see. Its message never carries a key, a prompt or an answer. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: FailureCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly issues: readonly Issue[];
  readonly status: number | undefined;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? failureCodes[code].retryable;
    this.retryAfterMs = details.retryAfterMs;
    this.issues = details.issues ?? [];
    this.status = details.status;
  }
}

/** Anything thrown that is not ours is a defect: masked outside, kept whole as `cause` for the log. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('INTERNAL', 'The gateway failed to handle this request. Its log has the details.', {
    cause: thrown,
  });
}
