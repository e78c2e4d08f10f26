import { parentPort } from 'node:worker_threads';
import { Ajv, type AnySchemaObject, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import type { OutputCheck } from '../core/structured-output.ts';
import type { CheckRequest, WorkerMessage } from './messages.ts';

/**
 * Validates answers in a thread of its own: schemas come from callers, and one with a bad pattern or many references may take
 * any time. validator.ts ends the thread when it does.
 */

const options: Options = { strict: false, allErrors: true, validateFormats: true, logger: false, inlineRefs: false };
/** Failures that are reported. */
const maxIssues = 20;
const maxIssueChars = 300;

/** By the schema as JSON. */
const compiled = new LRUCache<string, ValidateFunction>({ max: 100 });

function validatorOf(schema: AnySchemaObject): ValidateFunction {
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  if (known) return known;
  const { $schema, $id: _, ...rest } = schema;
  // Drafts 6 and 7 differ in lists and references. Everything else is read as 2020-12.
  const isOld = typeof $schema === 'string' && /draft-0[67]/.test($schema.slice(0, 100));
  const ajv = isOld ? new Ajv(options) : new Ajv2020(options);
  addFormats.default(ajv);
  const validate = ajv.compile(rest);
  compiled.set(key, validate);
  return validate;
}

function check({ schema, value }: CheckRequest): OutputCheck {
  try {
    const validate = validatorOf(schema);
    if (validate(value)) return { kind: 'valid' };
    return { kind: 'invalid', issues: (validate.errors ?? []).slice(0, maxIssues).map(toIssue) };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { kind: 'unchecked', why: why.slice(0, maxIssueChars) };
  }
}

/** The message names rules of the schema, and no value. */
function toIssue({ instancePath, message = 'does not follow the schema', params }: ErrorObject) {
  const more = Object.values(params).filter((value) => typeof value === 'string' && !message.includes(value));
  const text = more.length > 0 ? `${message} (${more.join(', ')})` : message;
  return { path: toPath(instancePath), message: text.slice(0, maxIssueChars) };
}

/** A JSON pointer in the form of other paths: `object.items[2].name`. */
function toPath(pointer: string): string {
  const steps = pointer
    .slice(1)
    .split('/')
    .filter((step) => step !== '')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return ['object', ...steps.map((step) => (/^\d{1,9}$/.test(step) ? `[${step}]` : `.${step}`))]
    .join('')
    .slice(0, maxIssueChars);
}

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (request: CheckRequest) => {
  send({ type: 'checked', id: request.id, check: check(request) });
});
send({ type: 'ready' });
