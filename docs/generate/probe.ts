import type { EncodedRequest } from '../../src/core/adapter.ts';
import { parseChatRequest } from '../../src/core/chat.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Column } from './columns.ts';

/** The treatment of an option, determined by encoding a request with it and one without it. Nothing is sent. */

export type Input = Readonly<Record<string, unknown>>;

export type Fate = {
  /** The refusal, if the request is refused. */
  readonly refusal: GatewayError | undefined;
  /** Fields of the body that the option brought, in dots; a list is written `[]`. */
  readonly fields: readonly string[];
  /** Options that warnings name, without those that the bare request has too. */
  readonly warned: readonly string[];
  /** The whole body, for a closer look. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
};

export function fateOf(column: Column, bare: Input, option: Input): Fate {
  const before = encode(column, bare);
  const after = encode(column, { ...bare, ...option });
  if (after instanceof GatewayError) return { refusal: after, fields: [], warned: [], body: undefined };
  const known = before instanceof GatewayError ? undefined : before;
  const old = new Set(known?.warnings.map((warning) => warning.option));
  return {
    refusal: undefined,
    fields: addedFields(known?.body, after.body),
    warned: [...new Set(after.warnings.map((warning) => warning.option))].filter((name) => !old.has(name)),
    body: after.body,
  };
}

/** The body, or the refusal. Any other error is a defect of the codec, and thrown. */
export function encode({ codec, target }: Column, input: Input): EncodedRequest | GatewayError {
  const request = parseChatRequest({ model: `${target.provider}/${target.model}`, ...input });
  try {
    return codec.encode(request, 'whole');
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'UNSUPPORTED_OPTION') return error;
    throw error;
  }
}

/** The outermost paths at which `after` differs from `before`. */
function addedFields(before: unknown, after: unknown, path = ''): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isObject(before) || !isObject(after)) return [path];
  return Object.entries(after).flatMap(([name, value]) => {
    const place = path === '' ? name : `${path}.${name}`;
    if (!Object.hasOwn(before, name)) return isObject(value) ? outermost(value, place) : [place];
    return addedFields(before[name], value, place);
  });
}

/** An object that is new as a whole is named by its only field, all the way down. */
function outermost(value: Readonly<Record<string, unknown>>, path: string): string[] {
  const [entry, ...others] = Object.entries(value);
  if (!entry || others.length > 0) return [path];
  const [name, inner] = entry;
  return isObject(inner) ? outermost(inner, `${path}.${name}`) : [`${path}.${name}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
