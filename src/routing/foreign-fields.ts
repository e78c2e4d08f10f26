import type { Codec, EncodedRequest } from '../core/adapter.ts';
import { GatewayError } from '../core/errors.ts';
import type { ForeignFields, RequestForm } from '../core/foreign-fields.ts';
import { isReserved } from '../core/provider-options.ts';

/** A codec that passes on the foreign fields of its own form. */
export function withForeignFields<T extends Pick<Codec, 'encode' | 'form'>>(codec: T): T {
  return {
    ...codec,
    encode: (request, mode) => addForeignFields(codec.encode(request, mode), request.foreignFields, codec.form),
  };
}

/** Throws UNSUPPORTED_OPTION for tools of another form. */
function addForeignFields(
  encoded: EncodedRequest,
  foreign: ForeignFields | undefined,
  form: RequestForm | undefined,
): EncodedRequest {
  if (!foreign) return encoded;
  const { tools = [], headers } = foreign;
  const isSame = foreign.form === form;
  if (tools.length > 0 && !isSame) {
    const types = tools.map(({ type }) => String(type).slice(0, 64)).slice(0, 8);
    const message = `The provider has no tools of these types: ${types.join(', ')}. Send tools with a name and a schema.`;
    throw new GatewayError('UNSUPPORTED_OPTION', message);
  }
  const { body } = encoded;
  const passed: [string, unknown][] = [];
  const warnings = [...encoded.warnings];
  for (const [option, value] of Object.entries(foreign.fields)) {
    if (isReserved(option)) warnings.push({ option, message: 'The gateway decides this field; left out' });
    else if (isSame && !Object.hasOwn(body, option)) passed.push([option, value]);
    else warnings.push({ option, message: 'Unknown field; left out' });
  }
  const { tools: own } = body;
  return {
    ...encoded,
    body: {
      ...body,
      ...Object.fromEntries(passed),
      ...(tools.length > 0 && { tools: [...(Array.isArray(own) ? own : []), ...tools] }),
    },
    warnings,
    ...(isSame && headers && { headers }),
  };
}
