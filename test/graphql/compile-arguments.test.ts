import fc from 'fast-check';
import {
  buildSchema,
  coerceInputValue,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileCoercion } from '../../src/graphql/compile-coercion.ts';
import { createDocumentCache } from '../../src/graphql/document-cache.ts';
import { schema } from '../../src/graphql/schema.ts';

/** Variables are coerced without graphql-js. The result must equal that of graphql-js. */

const strange = buildSchema(`
  type Query { any(input: Node): Int }
  enum Color { RED GREEN }
  input Node { name: String! color: Color next: Node others: [Node!] grid: [[Int!]]! size: Size one: One }
  input Size { width: Int! = 3 height: Float = 1.5 depth: Int }
  input One @oneOf { number: Int text: String }
`);

function inputType(from: GraphQLSchema, name: string): GraphQLInputType {
  const type = from.getType(name);
  if (!isInputType(type)) throw new Error(`There is no input ${name}`);
  return type;
}

const json = fc.jsonValue({ maxDepth: 2 });
const leaves: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  Int: fc.nat(9),
  Float: fc.constantFrom(1, 1.5),
  String: fc.string(),
  ID: fc.constantFrom('one', 2),
  Boolean: fc.boolean(),
};

/** Usually of the right type. */
function given(type: GraphQLInputType, depth = 4): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return given(type.ofType, depth);
  const sound = depth > 0 || isLeafType(type) ? soundOf(type, depth) : fc.constantFrom(null, [], {});
  return fc.oneof({ weight: 99, arbitrary: sound }, { weight: 1, arbitrary: json });
}

function soundOf(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isListType(type)) {
    const item = given(type.ofType, depth - 1);
    return fc.oneof(fc.array(item, { maxLength: 3 }), fc.array(item, { maxLength: 3 }), item);
  }
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (!isInputObjectType(type)) return leaves[String(type)] ?? fc.dictionary(fc.string(), json, { maxKeys: 2 });
  const fields = Object.values(type.getFields());
  const entries = fields.map(({ name, type: own }) => {
    const value = given(own, depth - 1).map((one) => [[name, one]] as const);
    const weight = isNonNullType(own) ? 99 : 1;
    return fc.oneof({ weight, arbitrary: value }, { weight: 1, arbitrary: fc.constant([]) });
  });
  const unknown = fc.oneof(
    { weight: 99, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('unknown', '__proto__', 'constructor').map((name) => [[name, 1]] as const),
    },
  );
  // As in JSON: "__proto__" is an ordinary name.
  return fc
    .tuple(...entries, unknown)
    .chain((all) => fc.shuffledSubarray(all.flat(), { minLength: all.flat().length }))
    .map((pairs) => JSON.parse(`{${pairs.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(',')}}`));
}

describe('a JSON value is coerced as graphql-js does', () => {
  const types: readonly (readonly [string, GraphQLInputType])[] = [
    ['what a model is asked with', inputType(schema, 'ChatInput')],
    ['a type with itself in it, lists of lists, defaults and a choice', inputType(strange, 'Node')],
    ['a list of numbers', new GraphQLList(GraphQLInt)],
  ];
  it.each(types)('%s', (_, type) => {
    const read = compileCoercion(type);
    let sound = 0;
    fc.assert(
      fc.property(given(type), (value) => {
        const expected = coerceInputValue(value, type);
        if (expected) sound += 1;
        expect(read(value)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(sound).toBeGreaterThan(200);
    expect(sound).toBeLessThan(1_990);
  });
});

describe('arguments are read', () => {
  const documents = createDocumentCache(schema, []);
  const inputsOf = (query: string, variables: Record<string, unknown>) =>
    documents.find(query, undefined)?.compiled?.argumentsOf(variables);
  const text = 'text: __typename';
  const messages = [{ role: 'USER', content: 'x' }];
  const input = { model: 'a/b', messages };
  const read = (model: string) => ({ model, messages: [{ role: 'user', content: 'x' }] });

  it('from one variable or several, for each field its own', () => {
    const query = `query ($a: ChatInput!, $b: ChatInput!) { x: chat(input: $b) { ${text} } y: chat(input: $a) { ${text} } z: chat(input: $b) { ${text} } }`;
    const other = { ...input, model: 'c/d' };
    expect(inputsOf(query, { a: input, b: other })).toEqual([read('c/d'), read('a/b'), read('c/d')]);
  });

  it('from parts, defaults and literals', () => {
    const query = `query ($model: String!, $temperature: Float = 0.5, $seed: Int) { chat(input: { model: $model, temperature: $temperature, seed: $seed, messages: [{ role: USER, content: "x" }] }) { ${text} } }`;
    expect(inputsOf(query, { model: 'a/b' })).toEqual([{ ...read('a/b'), temperature: 0.5 }]);
    expect(inputsOf(query, { model: 'a/b', seed: 7 })).toEqual([{ ...read('a/b'), temperature: 0.5, seed: 7 }]);
    expect(inputsOf(query, { model: 7 })).toBeUndefined();
  });

  it('and refused where null replaces the default of a required part', () => {
    const query = `query ($model: String = "a/b") { chat(input: { model: $model, messages: [{ role: USER, content: "x" }] }) { ${text} } }`;
    expect(inputsOf(query, {})).toEqual([read('a/b')]);
    expect(inputsOf(query, { model: null })).toBeUndefined();
  });

  it('from a variable with a default', () => {
    const query = `query ($input: ChatInput! = { model: "a/b", messages: [{ role: USER, content: "x" }] }) { chat(input: $input) { ${text} } }`;
    expect(inputsOf(query, {})).toEqual([read('a/b')]);
    expect(inputsOf(query, { input: { ...input, model: 'c/d' } })).toEqual([read('c/d')]);
  });

  it('and refused where one is missing, or is not an own property', () => {
    const query = `query ($input: ChatInput!) { chat(input: $input) { ${text} } }`;
    expect(inputsOf(query, {})).toBeUndefined();
    expect(inputsOf(query, { input: null })).toBeUndefined();
    expect(inputsOf(query, Object.create({ input }))).toBeUndefined();
    expect(inputsOf(query, { input })).toEqual([read('a/b')]);
  });
});
