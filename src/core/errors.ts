/**
 * The closed list of failure codes, the same on all faces. `retryable`: the same request may succeed later. `recovery`:
 * what the gateway does before the first content: nothing, try another key of the provider and then another target, or
 * try another target at once.
 */
export const failureCodes = {
  INVALID_REQUEST: {
    retryable: false,
    recovery: 'none',
    description:
      'The request breaks a rule of ChatInput; `issues` name each place. The client has to change the request. Nothing was sent.',
  },
  UNKNOWN_PROVIDER: {
    retryable: false,
    recovery: 'none',
    description:
      'No provider of this name is built in or configured. The client has to name another one. Nothing was sent.',
  },
  MODEL_NOT_ALLOWED: {
    retryable: false,
    recovery: 'none',
    description:
      'This caller may not use the model or one of the fallbacks. The client has to use another model, or the operator to allow it. Nothing was sent.',
  },
  PROVIDER_NOT_CONFIGURED: {
    retryable: false,
    recovery: 'next-target',
    description:
      'The gateway has no key for this provider. The operator has to add one, or the client to use another provider. Nothing was sent.',
  },
  UNSUPPORTED_OPTION: {
    retryable: false,
    recovery: 'next-target',
    description:
      'The target does not support an option that changes the contract (tools, images, response format, ...). The client has to leave it out or use another model. Nothing was sent.',
  },
  DUPLICATE_REQUEST: {
    retryable: false,
    recovery: 'none',
    description:
      'A request with this requestId is running or ended less than five minutes ago. The client has to use a new id for a new request. Nothing was sent.',
  },
  RATE_LIMITED: {
    retryable: true,
    recovery: 'none',
    description:
      'A limit of this caller is reached: requests or tokens per minute, or concurrent streams. The client has to wait for `retryAfterMs`. Nothing was sent.',
  },
  BUDGET_EXCEEDED: {
    retryable: false,
    recovery: 'none',
    description:
      'The daily budget of this caller is used up or reserved. The client has to wait until `retryAfterMs`, or the operator to raise the budget. Nothing was sent.',
  },
  MODEL_NOT_FOUND: {
    retryable: false,
    recovery: 'next-target',
    description: 'The provider does not know this model, or has retired it. The client has to use another model.',
  },
  CONTEXT_LENGTH_EXCEEDED: {
    retryable: false,
    recovery: 'next-target',
    description:
      'The messages and the requested output exceed the context window of the model. The client has to shorten the conversation or lower maxTokens.',
  },
  OUTPUT_INVALID: {
    retryable: false,
    recovery: 'none',
    description:
      'The answer does not follow the JSON schema of the request; `issues` name each place. The client may ask for `repair`, simplify the schema, or use another model. The tokens were used.',
  },
  CONTENT_FILTERED: {
    retryable: false,
    recovery: 'none',
    description:
      'The usage policy of the provider blocked the prompt or the answer. The client has to change the prompt.',
  },
  UPSTREAM_REJECTED: {
    retryable: false,
    recovery: 'none',
    description:
      'The provider called the request invalid (HTTP 400, 413, 422, ...). The client has to change the request.',
  },
  UPSTREAM_AUTHENTICATION: {
    retryable: false,
    recovery: 'next-key',
    description:
      'The provider refused the key of this gateway, or the key may not use this model. The operator has to act.',
  },
  UPSTREAM_BILLING: {
    retryable: false,
    recovery: 'next-key',
    description:
      'The account of this gateway at the provider has no credit or has reached its spending limit. The operator has to act.',
  },
  UPSTREAM_RATE_LIMITED: {
    retryable: true,
    recovery: 'next-key',
    description:
      'The provider limits the rate of this gateway. Retry after `retryAfterMs`, where the provider says it; the operator may raise the limit.',
  },
  UPSTREAM_OVERLOADED: {
    retryable: true,
    recovery: 'next-target',
    description: 'The provider is overloaded or down for maintenance (HTTP 503, 529). Retry later.',
  },
  UPSTREAM_UNAVAILABLE: {
    retryable: true,
    recovery: 'next-target',
    description:
      'The circuit breaker of this target is open after repeated failures of the provider. Retry after `retryAfterMs`. Nothing was sent.',
  },
  UPSTREAM_ERROR: {
    retryable: true,
    recovery: 'next-target',
    description: 'The provider failed (HTTP 5xx, or an error event in a stream). Retry.',
  },
  UPSTREAM_TIMEOUT: {
    retryable: true,
    recovery: 'next-target',
    description: 'The provider did not answer within a timeout. Retry, or the operator raises the timeout.',
  },
  UPSTREAM_UNREACHABLE: {
    retryable: true,
    recovery: 'next-target',
    description:
      'The gateway could not connect to the provider, or the connection broke. Retry; if it stays, the operator has to act.',
  },
  UPSTREAM_TRUNCATED: {
    retryable: true,
    recovery: 'next-target',
    description: 'The answer of the provider ended without its end marker, so a part of it may be missing. Retry.',
  },
  UPSTREAM_MALFORMED: {
    retryable: true,
    recovery: 'next-target',
    description:
      'The response of the provider does not have the form of its API. Retry; if it stays, the operator has to check its base URL.',
  },
  TARGETS_EXHAUSTED: {
    retryable: true,
    recovery: 'none',
    description:
      'The model and all its fallbacks failed; `attempts` lists each attempt with its own code. Retry where `retryable`.',
  },
  OVERLOADED: {
    retryable: true,
    recovery: 'next-target',
    description:
      'The gateway has as many concurrent requests as it accepts, in total or for this provider. Retry after `retryAfterMs`. Nothing was sent.',
  },
  SHUTTING_DOWN: {
    retryable: true,
    recovery: 'none',
    description:
      'The gateway is shutting down: it accepts no new requests, and requests that did not complete in time end here. Retry; another gateway may answer.',
  },
  STREAM_NOT_FOUND: {
    retryable: false,
    recovery: 'none',
    description:
      'No stream of this caller has this id: it was never kept, has expired, or belongs to another caller. The client has to send the request again.',
  },
  STREAM_LOST: {
    retryable: true,
    recovery: 'none',
    description:
      'The gateway that ran this stream is gone, or its text outgrew `resume.maxBytes` without a client; the rest of the answer is lost. Retry the request; the text so far stays valid.',
  },
  CANCELLED: {
    retryable: false,
    recovery: 'none',
    description:
      'The client disconnected or the request was stopped before the answer was complete; the request to the provider was cancelled.',
  },
  INTERNAL: {
    retryable: false,
    recovery: 'none',
    description: 'A defect of the gateway. The operator finds the details in its log; the answer has none.',
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
