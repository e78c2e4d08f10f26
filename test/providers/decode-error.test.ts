import { describe, expect, it } from 'vitest';
import type { FailureCode, GatewayError } from '../../src/core/errors.ts';
import { failureCodes } from '../../src/core/errors.ts';
import { wireNamed, wires } from '../support/wires.ts';

/** The meaning of each provider's errors. Bodies are as documented or observed. */

type Row = {
  readonly status: number;
  /** JSON, or text as it is. */
  readonly body: unknown;
  readonly code: FailureCode;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: that of the code. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  /** A part of the message. */
  readonly says?: string;
};

const openAi = (message: string, code: string | null = null, type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message: string) => ({ type: 'error', error: { type, message }, request_id: 'req_1' });
const google = (code: number, status: string, message: string, details: unknown[] = []) => ({
  error: { code, status, message, details },
});
const mistral = (message: unknown, type: string, code: string, status: number) => ({
  object: 'error',
  message,
  type,
  param: null,
  code,
  raw_status_code: status,
});
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});
const page = '<!DOCTYPE html><html><head><title>401 Authorization Required</title></head></html>';

const refusals: Readonly<Record<string, readonly Row[]>> = {
  'openai-responses': [
    {
      status: 400,
      body: openAi("Unknown parameter: 'input[1].status'.", 'unknown_parameter'),
      code: 'UPSTREAM_REJECTED',
    },
    {
      status: 400,
      body: openAi("Unsupported parameter: 'temperature'."),
      code: 'UPSTREAM_REJECTED',
      says: 'temperature',
    },
    { status: 400, body: openAi('No.', 'integer_below_min_value'), code: 'UPSTREAM_REJECTED' },
    { status: 400, body: openAi('No.', 'invalid_encrypted_content'), code: 'UPSTREAM_REJECTED' },
    { status: 400, body: openAi('No.', 'bio_policy'), code: 'CONTENT_FILTERED' },
    { status: 400, body: openAi('No.', 'image_content_policy_violation'), code: 'CONTENT_FILTERED' },
    {
      status: 400,
      body: openAi('Your input exceeds the context window of this model.'),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    { status: 404, body: openAi('No.', 'model_not_found'), code: 'MODEL_NOT_FOUND' },
    { status: 404, body: page, code: 'UPSTREAM_REJECTED', says: 'Check its base URL' },
    { status: 429, body: openAi('Slow.', 'rate_limit_exceeded'), code: 'UPSTREAM_RATE_LIMITED' },
    { status: 429, body: openAi('Empty.', 'credit_balance_exhausted'), code: 'UPSTREAM_BILLING' },
    { status: 500, body: openAi('Oops', null, 'server_error'), code: 'UPSTREAM_ERROR' },
    { status: 503, body: openAi('Oops', 'slow_down', 'service_unavailable_error'), code: 'UPSTREAM_OVERLOADED' },
  ],
  'xai-responses': [
    {
      status: 400,
      body: { code: 'invalid-argument', error: 'Model grok-build-0.1 does not support parameter reasoningEffort.' },
      code: 'UPSTREAM_REJECTED',
      says: 'reasoningEffort',
    },
    { status: 401, body: { code: 'x', error: 'Incorrect API key: xai-canary01.' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 429, body: { code: 'x', error: 'Slow.' }, code: 'UPSTREAM_RATE_LIMITED' },
  ],
  'perplexity-responses': [
    {
      status: 400,
      body: { error: { message: 'json: unknown field "stop"', type: 'invalid_request', code: 400, param: 'stop' } },
      code: 'UPSTREAM_REJECTED',
      says: 'unknown field',
    },
    { status: 400, body: { error: { message: 'No.', type: 'invalid_model', code: 400 } }, code: 'MODEL_NOT_FOUND' },
    { status: 401, body: page, code: 'UPSTREAM_AUTHENTICATION' },
    {
      status: 413,
      body: { error: { message: 'Big.', type: 'payload_too_large', code: 413 } },
      code: 'UPSTREAM_REJECTED',
    },
    {
      status: 429,
      body: { error: { message: 'Slow.', type: 'request_rate_limit_exceeded', code: 429 } },
      code: 'UPSTREAM_RATE_LIMITED',
    },
    { status: 502, body: { error: { message: 'Oops', type: 'bad_gateway', code: 502 } }, code: 'UPSTREAM_ERROR' },
  ],
  openai: [
    { status: 400, body: openAi('Unknown parameter: x.', 'unsupported_parameter'), code: 'UPSTREAM_REJECTED' },
    { status: 400, body: openAi("Invalid value: 'overloaded'.", 'invalid_value'), code: 'UPSTREAM_REJECTED' },
    { status: 400, body: openAi('Too long.', 'string_above_max_length'), code: 'UPSTREAM_REJECTED' },
    {
      status: 400,
      body: openAi("This model's maximum context length is 8192 tokens. However, ...", 'context_length_exceeded'),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    { status: 400, body: openAi('Your prompt was flagged.', 'invalid_prompt'), code: 'CONTENT_FILTERED' },
    { status: 400, body: openAi('Rejected.', 'content_policy_violation'), code: 'CONTENT_FILTERED' },
    {
      status: 401,
      body: openAi('Incorrect API key provided: sk-proj-canary.', 'invalid_api_key'),
      code: 'UPSTREAM_AUTHENTICATION',
      says: 'openai refused the key of this gateway (HTTP 401).',
    },
    { status: 401, body: openAi("You didn't provide an API key."), code: 'UPSTREAM_AUTHENTICATION' },
    {
      status: 403,
      body: openAi('Country, region, or territory not supported', 'unsupported_country_region_territory'),
      code: 'UPSTREAM_AUTHENTICATION',
      says: 'Country, region, or territory not supported',
    },
    { status: 404, body: openAi('The model `gpt-0` does not exist', 'model_not_found'), code: 'MODEL_NOT_FOUND' },
    {
      status: 404,
      body: '<html>nginx</html>',
      code: 'UPSTREAM_REJECTED',
      says: 'without an API error. Check its base URL',
    },
    { status: 404, body: '404 page not found', code: 'UPSTREAM_REJECTED', says: 'Check its base URL' },
    { status: 409, body: openAi('Conflict'), code: 'UPSTREAM_ERROR' },
    { status: 422, body: openAi('Unprocessable'), code: 'UPSTREAM_REJECTED' },
    {
      status: 429,
      body: openAi('Rate limit reached. Visit https://x/account/billing to raise it.', 'rate_limit_exceeded', 'tokens'),
      code: 'UPSTREAM_RATE_LIMITED',
      headers: { 'retry-after-ms': '340.6', 'retry-after': '1' },
      retryAfterMs: 341,
    },
    {
      status: 429,
      body: openAi('You exceeded your current quota.', 'insufficient_quota', 'insufficient_quota'),
      code: 'UPSTREAM_BILLING',
    },
    {
      status: 429,
      body: openAi('Too many.', 'rate_limit_exceeded', 'requests'),
      headers: { 'x-should-retry': 'false' },
      code: 'UPSTREAM_RATE_LIMITED',
      retryable: false,
    },
    { status: 500, body: openAi('The server had an error', null, 'server_error'), code: 'UPSTREAM_ERROR' },
    { status: 502, body: '<html>Bad gateway</html>', code: 'UPSTREAM_ERROR', says: 'openai responded with HTTP 502.' },
    { status: 503, body: openAi('Slow down', null, 'service_unavailable'), code: 'UPSTREAM_OVERLOADED' },
    { status: 503, body: 'upstream connect error', code: 'UPSTREAM_OVERLOADED', says: ': upstream connect error' },
    { status: 504, body: '', code: 'UPSTREAM_TIMEOUT' },
  ],
  anthropic: [
    { status: 400, body: anthropic('invalid_request_error', 'max_tokens: required'), code: 'UPSTREAM_REJECTED' },
    {
      status: 400,
      body: anthropic('invalid_request_error', 'prompt is too long: 200001 tokens > 200000 maximum'),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    {
      status: 400,
      body: anthropic('invalid_request_error', 'input length and `max_tokens` exceed context limit: 1 + 2 > 2'),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    {
      status: 400,
      body: anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
      code: 'UPSTREAM_BILLING',
    },
    {
      status: 400,
      body: anthropic('invalid_request_error', 'You have reached your specified API usage limits.'),
      code: 'UPSTREAM_BILLING',
    },
    {
      status: 400,
      body: anthropic('invalid_request_error', 'Output blocked by content filtering policy'),
      code: 'CONTENT_FILTERED',
    },
    { status: 401, body: anthropic('authentication_error', 'invalid x-api-key'), code: 'UPSTREAM_AUTHENTICATION' },
    { status: 402, body: anthropic('billing_error', 'Payment needed'), code: 'UPSTREAM_BILLING' },
    { status: 403, body: anthropic('permission_error', 'Not allowed'), code: 'UPSTREAM_AUTHENTICATION' },
    { status: 404, body: anthropic('not_found_error', 'model: claude-0'), code: 'MODEL_NOT_FOUND' },
    {
      status: 413,
      body: anthropic('request_too_large', 'Request exceeds the maximum size'),
      code: 'UPSTREAM_REJECTED',
    },
    {
      status: 429,
      body: anthropic('rate_limit_error', 'This request would exceed the rate limit of your organization'),
      headers: { 'retry-after': '12' },
      code: 'UPSTREAM_RATE_LIMITED',
      retryAfterMs: 12_000,
    },
    { status: 500, body: anthropic('api_error', 'Internal server error'), code: 'UPSTREAM_ERROR' },
    { status: 504, body: anthropic('timeout_error', 'Timed out'), code: 'UPSTREAM_TIMEOUT' },
    { status: 529, body: anthropic('overloaded_error', 'Overloaded'), code: 'UPSTREAM_OVERLOADED' },
  ],
  mistral: [
    { status: 400, body: mistral('Wrong order', 'invalid_request_error', '3230', 400), code: 'UPSTREAM_REJECTED' },
    { status: 400, body: mistral('Invalid model: x', 'invalid_model', '1500', 400), code: 'MODEL_NOT_FOUND' },
    {
      status: 400,
      body: mistral(
        'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
        'invalid_request_error',
        '3051',
        400,
      ),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    {
      status: 422,
      body: mistral({ detail: [{ type: 'extra_forbidden', loc: ['body', 'user'], msg: 'No' }] }, 'x', '0', 422),
      code: 'UPSTREAM_REJECTED',
      says: ': body.user: No',
    },
    {
      status: 422,
      body: { detail: [{ loc: ['body', 'n'], msg: 'Too big', input: 'canary' }] },
      code: 'UPSTREAM_REJECTED',
      says: ': body.n: Too big',
    },
    { status: 404, body: { detail: 'Not Found' }, code: 'MODEL_NOT_FOUND' },
    { status: 401, body: { message: 'Unauthorized', request_id: 'r' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 429, body: mistral('Rate limit exceeded', 'rate_limited', '1300', 429), code: 'UPSTREAM_RATE_LIMITED' },
    { status: 429, body: { message: 'Requests rate limit exceeded' }, code: 'UPSTREAM_RATE_LIMITED' },
    {
      status: 429,
      body: mistral('Service tier capacity exceeded for this model.', 'service_tier_capacity_exceeded', '3505', 429),
      headers: { 'retry-after': '2' },
      code: 'UPSTREAM_OVERLOADED',
      retryAfterMs: 2000,
    },
    { status: 503, body: { message: 'Service unavailable.' }, code: 'UPSTREAM_OVERLOADED' },
  ],
  cohere: [
    { status: 400, body: { message: 'invalid request: p must be <= 0.99', id: 'i' }, code: 'UPSTREAM_REJECTED' },
    { status: 400, body: { message: 'too many tokens: total 200000' }, code: 'CONTEXT_LENGTH_EXCEEDED' },
    { status: 401, body: { message: 'invalid api token' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 402, body: { message: 'Add a payment method' }, code: 'UPSTREAM_BILLING' },
    { status: 403, body: { message: 'Forbidden' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 404, body: { message: "model 'x' not found" }, code: 'MODEL_NOT_FOUND' },
    { status: 422, body: { message: 'Unprocessable' }, code: 'UPSTREAM_REJECTED' },
    { status: 429, body: { message: 'Please wait' }, code: 'UPSTREAM_RATE_LIMITED' },
    {
      status: 429,
      body: { message: 'Trial keys are limited to 20 calls / minute.' },
      headers: { 'x-ratelimit-reset': '1767225630', date: 'Thu, 01 Jan 2026 00:00:00 GMT' },
      code: 'UPSTREAM_RATE_LIMITED',
      retryAfterMs: 30_000,
    },
    {
      status: 429,
      body: { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' },
      code: 'UPSTREAM_RATE_LIMITED',
      retryable: false,
    },
    { status: 498, body: { message: 'blocked' }, code: 'CONTENT_FILTERED' },
    { status: 499, body: { message: 'cancelled' }, code: 'UPSTREAM_ERROR' },
    { status: 500, body: { message: 'internal' }, code: 'UPSTREAM_ERROR' },
    { status: 501, body: { message: 'not implemented' }, code: 'UPSTREAM_ERROR' },
    { status: 503, body: { message: 'unavailable' }, code: 'UPSTREAM_OVERLOADED' },
    { status: 504, body: { message: 'timeout' }, code: 'UPSTREAM_TIMEOUT' },
  ],
  deepseek: [
    { status: 400, body: openAi('Bad field', 'invalid_request_error'), code: 'UPSTREAM_REJECTED' },
    { status: 400, body: openAi('Content Exists Risk', 'invalid_request_error'), code: 'CONTENT_FILTERED' },
    { status: 400, body: openAi('Model Not Exist', 'invalid_request_error'), code: 'MODEL_NOT_FOUND' },
    {
      status: 400,
      body: openAi("This model's maximum context length is 65536 tokens. However, you requested more", 'x'),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    { status: 401, body: openAi('Authentication Fails, Your api key: ****abcd'), code: 'UPSTREAM_AUTHENTICATION' },
    {
      status: 402,
      body: openAi('Insufficient Balance', 'invalid_request_error', 'unknown_error'),
      code: 'UPSTREAM_BILLING',
    },
    { status: 422, body: openAi('Bad parameter'), code: 'UPSTREAM_REJECTED' },
    { status: 429, body: openAi('Concurrency reached'), code: 'UPSTREAM_RATE_LIMITED' },
    { status: 500, body: openAi('Server error'), code: 'UPSTREAM_ERROR' },
    { status: 503, body: openAi('Server overloaded'), code: 'UPSTREAM_OVERLOADED' },
  ],
  xai: [
    { status: 400, body: { code: 'Invalid argument', error: 'Argument not supported' }, code: 'UPSTREAM_REJECTED' },
    {
      status: 400,
      body: { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***ry.' },
      code: 'UPSTREAM_AUTHENTICATION',
      says: 'xai refused the key of this gateway (HTTP 400).',
    },
    {
      status: 400,
      body: {
        code: 'x',
        error: "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
      },
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    { status: 400, body: { code: 'x', error: '[input_too_large] Too large' }, code: 'CONTEXT_LENGTH_EXCEEDED' },
    { status: 401, body: { code: 'x', error: 'Missing header' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 403, body: { code: 'permission-denied', error: 'No permission' }, code: 'UPSTREAM_AUTHENTICATION' },
    {
      status: 403,
      body: { code: 'permission-denied', error: "Your newly created team doesn't have any credits yet." },
      code: 'UPSTREAM_BILLING',
    },
    {
      status: 403,
      body: { code: 'permission-denied', error: 'Content violates usage guidelines. Failed check: SAFETY' },
      code: 'CONTENT_FILTERED',
    },
    { status: 404, body: { code: 'not-found', error: 'The model grok-0 does not exist' }, code: 'MODEL_NOT_FOUND' },
    { status: 405, body: { code: 'x', error: 'Method' }, code: 'UPSTREAM_REJECTED' },
    { status: 415, body: { code: 'x', error: 'Content type' }, code: 'UPSTREAM_REJECTED' },
    { status: 422, body: { code: 'x', error: 'Failed to deserialize' }, code: 'UPSTREAM_REJECTED' },
    { status: 429, body: { code: 'x', error: 'Too many requests' }, code: 'UPSTREAM_RATE_LIMITED' },
    {
      status: 429,
      body: {
        code: 'Some resource has been exhausted',
        error: 'Your team has either used all available credits or reached its monthly spending limit.',
      },
      code: 'UPSTREAM_BILLING',
    },
    { status: 500, body: openAi('Internal'), code: 'UPSTREAM_ERROR' },
  ],
  google: [
    { status: 400, body: google(400, 'INVALID_ARGUMENT', 'Bad field'), code: 'UPSTREAM_REJECTED' },
    {
      status: 400,
      body: google(400, 'INVALID_ARGUMENT', 'API key not valid.', [{ reason: 'API_KEY_INVALID' }]),
      code: 'UPSTREAM_AUTHENTICATION',
    },
    {
      status: 400,
      body: google(
        400,
        'INVALID_ARGUMENT',
        'The input token count (9) exceeds the maximum number of tokens allowed (8).',
      ),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    {
      status: 400,
      body: google(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
      code: 'UPSTREAM_AUTHENTICATION',
      says: 'User location',
    },
    { status: 400, body: google(400, 'FAILED_PRECONDITION', 'Please enable billing'), code: 'UPSTREAM_BILLING' },
    { status: 401, body: google(401, 'UNAUTHENTICATED', 'No'), code: 'UPSTREAM_AUTHENTICATION' },
    { status: 403, body: google(403, 'PERMISSION_DENIED', 'No'), code: 'UPSTREAM_AUTHENTICATION' },
    {
      status: 404,
      body: google(404, 'NOT_FOUND', 'models/gemini-0 is not found for API version v1beta'),
      code: 'MODEL_NOT_FOUND',
    },
    {
      status: 429,
      body: google(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing', [
        quota('GenerateRequestsPerMinutePerProjectPerModel'),
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
      ]),
      code: 'UPSTREAM_RATE_LIMITED',
      retryAfterMs: 34_400,
    },
    {
      status: 429,
      body: google(429, 'RESOURCE_EXHAUSTED', 'Quota', [
        quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
        { retryDelay: '3s' },
      ]),
      code: 'UPSTREAM_RATE_LIMITED',
      retryable: false,
    },
    { status: 429, body: [google(429, 'RESOURCE_EXHAUSTED', 'In a list')], code: 'UPSTREAM_RATE_LIMITED' },
    { status: 500, body: google(500, 'INTERNAL', 'Internal'), code: 'UPSTREAM_ERROR' },
    { status: 503, body: google(503, 'UNAVAILABLE', 'The model is overloaded.'), code: 'UPSTREAM_OVERLOADED' },
    { status: 504, body: google(504, 'DEADLINE_EXCEEDED', 'Too late'), code: 'UPSTREAM_TIMEOUT' },
  ],
  qwen: [
    { status: 400, body: openAi('Bad field', 'invalid_parameter_error'), code: 'UPSTREAM_REJECTED' },
    {
      status: 400,
      body: openAi('Range of input length should be [1, 98304]', 'invalid_parameter_error'),
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    {
      status: 400,
      body: openAi('Input data may contain inappropriate content.', 'data_inspection_failed'),
      code: 'CONTENT_FILTERED',
    },
    {
      status: 400,
      body: { code: 'DataInspectionFailed', message: 'Output data may contain it.', request_id: 'r' },
      code: 'CONTENT_FILTERED',
    },
    { status: 400, body: { code: 'Arrearage', message: 'Access denied.', request_id: 'r' }, code: 'UPSTREAM_BILLING' },
    { status: 401, body: { code: 'InvalidApiKey', message: 'Invalid API-key.' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 403, body: openAi('Access denied.', 'access_denied'), code: 'UPSTREAM_AUTHENTICATION' },
    { status: 403, body: { code: 'Model.AccessDenied', message: 'No' }, code: 'UPSTREAM_AUTHENTICATION' },
    {
      status: 403,
      body: { code: 'AllocationQuota.FreeTierOnly', message: 'The free tier has been exhausted.' },
      code: 'UPSTREAM_BILLING',
    },
    { status: 404, body: openAi('The model `x` does not exist', 'model_not_found'), code: 'MODEL_NOT_FOUND' },
    { status: 429, body: openAi('Too many', 'limit_requests', 'limit_requests'), code: 'UPSTREAM_RATE_LIMITED' },
    { status: 429, body: { code: 'Throttling.RateQuota', message: 'Too many' }, code: 'UPSTREAM_RATE_LIMITED' },
    {
      status: 429,
      body: { code: 'Throttling.AllocationQuota', message: 'Allocated quota exceeded' },
      code: 'UPSTREAM_RATE_LIMITED',
    },
    { status: 429, body: openAi('Quota', 'insufficient_quota', 'insufficient_quota'), code: 'UPSTREAM_BILLING' },
    { status: 500, body: openAi('Internal', 'internal_error'), code: 'UPSTREAM_ERROR' },
    { status: 503, body: { code: 'ModelUnavailable', message: 'Later' }, code: 'UPSTREAM_OVERLOADED' },
  ],
  ai21: [
    { status: 400, body: { detail: 'Bad request' }, code: 'UPSTREAM_REJECTED', says: ': Bad request' },
    { status: 401, body: { detail: 'Forbidden: Bad or missing API token.' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 403, body: { detail: 'Forbidden' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 404, body: { detail: 'No such thing' }, code: 'MODEL_NOT_FOUND' },
    { status: 408, body: { detail: 'Timeout' }, code: 'UPSTREAM_TIMEOUT' },
    { status: 422, body: { detail: 'The provided model is not supported. See docs' }, code: 'MODEL_NOT_FOUND' },
    {
      status: 422,
      body: { detail: [{ loc: ['body', 'max_tokens'], msg: 'must be <= 4096', type: 'value_error' }] },
      code: 'UPSTREAM_REJECTED',
      says: ': body.max_tokens: must be <= 4096',
    },
    { status: 424, body: { detail: 'Failed dependency' }, code: 'UPSTREAM_REJECTED' },
    { status: 429, body: { detail: 'Too many' }, code: 'UPSTREAM_RATE_LIMITED' },
    { status: 500, body: { detail: 'Internal' }, code: 'UPSTREAM_ERROR' },
    { status: 503, body: { detail: 'Down' }, code: 'UPSTREAM_OVERLOADED' },
    { status: 530, body: page, code: 'UPSTREAM_ERROR' },
  ],
  perplexity: [
    {
      status: 400,
      body: { error: { message: 'Last message must be user', type: 'invalid_message', code: 400 } },
      code: 'UPSTREAM_REJECTED',
    },
    {
      status: 400,
      body: { error: { message: "Invalid model 'sonar-0'.", type: 'invalid_model', code: 400 } },
      code: 'MODEL_NOT_FOUND',
    },
    {
      status: 400,
      body: { error: { message: 'Bad', type: 'invalid_parameter', code: 400 } },
      code: 'UPSTREAM_REJECTED',
    },
    { status: 401, body: page, code: 'UPSTREAM_AUTHENTICATION', says: 'refused the key of this gateway (HTTP 401).' },
    { status: 422, body: { detail: [{ loc: ['body'], msg: 'No' }] }, code: 'UPSTREAM_REJECTED' },
    {
      status: 422,
      body: { message: ['a is wrong', 'b is too'] },
      code: 'UPSTREAM_REJECTED',
      says: 'a is wrong; b is too',
    },
    { status: 429, body: { error: { message: 'Slow', type: 'x', code: 429 } }, code: 'UPSTREAM_RATE_LIMITED' },
    { status: 500, body: { error: { message: 'Oops', type: 'x', code: 500 } }, code: 'UPSTREAM_ERROR' },
  ],
  deepinfra: [
    { status: 401, body: { detail: 'User not authenticated' }, code: 'UPSTREAM_AUTHENTICATION' },
    { status: 402, body: { detail: { error: 'inference prohibited' } }, code: 'UPSTREAM_BILLING' },
    { status: 403, body: { detail: 'Not allowed' }, code: 'UPSTREAM_AUTHENTICATION', says: 'Not allowed' },
    { status: 404, body: { error: { message: 'The model `x` does not exist' } }, code: 'MODEL_NOT_FOUND' },
    { status: 405, body: openAi('Tool calling is not supported for model: x'), code: 'UPSTREAM_REJECTED' },
    { status: 422, body: { detail: [{ loc: ['body', 'n'], msg: 'No', type: 'x' }] }, code: 'UPSTREAM_REJECTED' },
    { status: 429, body: { error: { message: 'Model busy, retry later' } }, code: 'UPSTREAM_RATE_LIMITED' },
    {
      status: 500,
      body: { error: { message: 'Requested input length 9000 exceeds maximum input length 8191' } },
      code: 'CONTEXT_LENGTH_EXCEEDED',
    },
    { status: 500, body: { detail: { error: 'Oops' } }, code: 'UPSTREAM_ERROR', says: ': Oops' },
  ],
};

function refusalOf(wire: string, { status, headers = {}, body }: Omit<Row, 'code'>): GatewayError {
  const { codec } = wireNamed(wire);
  return codec.decodeFailure({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

describe.each(Object.entries(refusals))('an error of %s', (wire, rows) => {
  it.each(rows.map((row) => [row.status, row.code, JSON.stringify(row.body).slice(0, 90), row] as const))(
    'with HTTP %d is %s: %s',
    (status, code, _body, row) => {
      const { retryable = failureCodes[code].retryable, retryAfterMs, says = wireNamed(wire).adapter.id } = row;
      const refusal = refusalOf(wire, row);
      expect(refusal).toMatchObject({ code, status, retryable, retryAfterMs });
      expect(refusal.message).toContain(says);
      expect(refusal.message).not.toMatch(/canary|\*\*\*|<html/);
    },
  );
});

it('covers every wire of every built-in provider', () => {
  expect(Object.keys(refusals).sort()).toEqual(wires.map(({ name }) => name).sort());
});

describe('the time to wait', () => {
  const limited = (headers: Record<string, string>) =>
    refusalOf('openai', { status: 429, headers, body: openAi('Slow') });

  it.each([
    ['in seconds', { 'retry-after': '1.5' }, 1500],
    ['as a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, 7000],
    [
      'as a date in the past',
      { 'retry-after': 'Thu, 01 Jan 2026 00:00:00 GMT', date: 'Thu, 01 Jan 2026 00:01:00 GMT' },
      0,
    ],
    ['as a word', { 'retry-after': 'soon' }, undefined],
    ['below zero', { 'retry-after': '-5' }, undefined],
    ['nowhere', {}, undefined],
  ])('is read when it is reported %s', (_how, headers, retryAfterMs) => {
    expect(limited(headers)).toMatchObject({ retryAfterMs });
  });
});

describe('a message', () => {
  const saying = (message: string) => refusalOf('openai', { status: 400, body: openAi(message) }).message;

  it.each([
    'sk-canary-0123456789',
    'Bearer canary.0123',
    "'api_key:AIzacanary'",
    'xai-canary0123456789',
    'AIzaSycanary',
  ])('leaves out %s', (key) => {
    expect(saying(`The header was ${key}, which is wrong.`)).not.toContain('canary');
  });

  it("omits the caller's words, and keeps names", () => {
    const prompt = `My diary, dear: it's a canary ${'and more '.repeat(10)}`;
    expect(saying(`Invalid value: '${prompt}'. Supported values are: 'low' and 'high'.`)).toBe(
      "openai responded with HTTP 400: Invalid value: '…'. Supported values are: 'low' and 'high'.",
    );
  });

  it('is one line of bounded length', () => {
    const message = saying(`a\n\nb ${'x'.repeat(5000)}`);
    expect(message).toMatch(/: a b x+…$/);
    expect(message.length).toBeLessThan(350);
  });
});
