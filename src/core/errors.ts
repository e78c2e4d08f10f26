/**
 * The closed list of failure codes, the same on all faces. `retryable`: the same request may succeed later. `recovery`:
 * what the gateway does before the first content: nothing, try another key of the provider and then another target, or
 * try another target at once.
 */
export const failureCodes = {
  INVALID_REQUEST: {
    retryable: false,
    recovery: 'none',
    description: 'The request breaks a rule of ChatInput; `issues` name each place. Nothing was sent.',
  },
  UNKNOWN_PROVIDER: {
    retryable: false,
    recovery: 'none',
    description: 'No provider of this name is built in or configured. Nothing was sent.',
  },
  MODEL_NOT_ALLOWED: {
    retryable: false,
    recovery: 'none',
    description: 'The key of this caller may not ask this model, or one of the fallbacks. Nothing was sent.',
  },
  PROVIDER_NOT_CONFIGURED: {
    retryable: false,
    recovery: 'next-target',
    description: 'The provider is known, but this gateway has no key for it. Nothing was sent.',
  },
  UNSUPPORTED_OPTION: {
    retryable: false,
    recovery: 'next-target',
    description:
      'The target cannot honour an option that changes the contract (tools, images, response format, ...). Nothing was sent.',
  },
  DUPLICATE_REQUEST: {
    retryable: false,
    recovery: 'none',
    description: 'A request with this requestId is running or ended a short while ago. Nothing was sent.',
  },
  RATE_LIMITED: {
    retryable: true,
    recovery: 'none',
    description:
      'The caller has had as many requests, tokens or streams as it may have at a time; `retryAfterMs` says for how long. Nothing was sent.',
  },
  BUDGET_EXCEEDED: {
    retryable: false,
    recovery: 'none',
    description:
      'The caller has spent its money of this day; `retryAfterMs` says when the next begins. Nothing was sent.',
  },
  MODEL_NOT_FOUND: {
    retryable: false,
    recovery: 'next-target',
    description: 'The provider does not know this model, or no longer offers it.',
  },
  CONTEXT_LENGTH_EXCEEDED: {
    retryable: false,
    recovery: 'next-target',
    description: 'The messages and the requested output do not fit into the context window of the model.',
  },
  CONTENT_FILTERED: {
    retryable: false,
    recovery: 'none',
    description: 'The provider refused the prompt or the answer for its usage policy.',
  },
  UPSTREAM_REJECTED: {
    retryable: false,
    recovery: 'none',
    description: 'The provider called the request invalid (HTTP 400, 413, 422, ...).',
  },
  UPSTREAM_AUTHENTICATION: {
    retryable: false,
    recovery: 'next-key',
    description: 'The provider refused the key of this gateway, or the key may not use this model.',
  },
  UPSTREAM_BILLING: {
    retryable: false,
    recovery: 'next-key',
    description: 'The account of this gateway at the provider has no credit or has reached its spending limit.',
  },
  UPSTREAM_RATE_LIMITED: {
    retryable: true,
    recovery: 'next-key',
    description:
      'The provider limits the rate of this gateway; `retryAfterMs` says for how long, where the provider told.',
  },
  UPSTREAM_OVERLOADED: {
    retryable: true,
    recovery: 'next-target',
    description: 'The provider is overloaded or down for maintenance (HTTP 503, 529).',
  },
  UPSTREAM_UNAVAILABLE: {
    retryable: true,
    recovery: 'next-target',
    description:
      'The target failed so often of late that it is not asked for now; `retryAfterMs` says for how long. Nothing was sent.',
  },
  UPSTREAM_ERROR: {
    retryable: true,
    recovery: 'next-target',
    description: 'The provider failed inside (HTTP 5xx, or an error event in a stream).',
  },
  UPSTREAM_TIMEOUT: {
    retryable: true,
    recovery: 'next-target',
    description: 'The provider did not answer in time.',
  },
  UPSTREAM_UNREACHABLE: {
    retryable: true,
    recovery: 'next-target',
    description: 'No connection to the provider, or the connection broke.',
  },
  UPSTREAM_TRUNCATED: {
    retryable: true,
    recovery: 'next-target',
    description: 'The answer of the provider ended without its end marker, so a part of it may be missing.',
  },
  UPSTREAM_MALFORMED: {
    retryable: true,
    recovery: 'next-target',
    description: 'The answer of the provider is not in the form of its API.',
  },
  TARGETS_EXHAUSTED: {
    retryable: true,
    recovery: 'none',
    description: 'The model and all its fallbacks failed; `attempts` lists each try with its own code.',
  },
  OVERLOADED: {
    retryable: true,
    recovery: 'next-target',
    description:
      'The gateway answers as many requests as it can, of all or of this provider; `retryAfterMs` says when to ask again. Nothing was sent.',
  },
  SHUTTING_DOWN: {
    retryable: true,
    recovery: 'none',
    description:
      'The gateway stops: it takes no new requests, and what is not complete in time ends here. Another gateway may answer.',
  },
  CANCELLED: {
    retryable: false,
    recovery: 'none',
    description: 'The caller left before the answer was complete; the call to the provider was stopped.',
  },
  INTERNAL: {
    retryable: false,
    recovery: 'none',
    description: 'A defect of the gateway. Its log has the details; the answer has none.',
  },
} as const satisfies Record<string, { retryable: boolean; recovery: Recovery; description: string }>;

export type Recovery = 'none' | 'next-key' | 'next-target';

export type FailureCode = keyof typeof failureCodes;

/** The client or the gateway aborted the request: the failure says nothing about the provider. */
export function isLocalAbort(code: FailureCode): boolean {
  return code === 'CANCELLED' || code === 'SHUTTING_DOWN';
}

/** One issue of a request. `path` is written as callers write it: `messages[2].parts[0].image.url`. */
export type Issue = { readonly path: string; readonly message: string };

export type FailureDetails = {
  readonly cause?: unknown;
  /** Overrides the table where a provider itself says whether a failure is final. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly issues?: readonly Issue[];
  /** HTTP status of the provider's response, where there was one. */
  readonly status?: number | undefined;
  /** This machine lacks a resource: the failure says nothing about the target, and no breaker counts it. */
  readonly isLocal?: boolean;
  /** The code was inferred from the provider's prose, which may quote the caller; no machine-readable field says it. */
  readonly isInferred?: boolean;
};

/** The one error that callers may see. Its message never holds a key, a prompt or an answer. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: FailureCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly issues: readonly Issue[];
  readonly status: number | undefined;
  readonly isLocal: boolean;
  readonly isInferred: boolean;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? failureCodes[code].retryable;
    this.retryAfterMs = details.retryAfterMs;
    this.issues = details.issues ?? [];
    this.status = details.status;
    this.isLocal = details.isLocal ?? false;
    this.isInferred = details.isInferred ?? false;
  }

  /** The same failure in other words. The cause is left out: it may hold what the new message leaves out. */
  withMessage(message: string): GatewayError {
    const { code, retryable, retryAfterMs, issues, status, isLocal, isInferred } = this;
    return new GatewayError(code, message, { retryable, retryAfterMs, issues, status, isLocal, isInferred });
  }
}

/** Anything else that is thrown is a defect: masked for callers, kept as `cause` for the log. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('INTERNAL', 'The gateway failed to handle this request. Its log has the details.', {
    cause: thrown,
  });
}
