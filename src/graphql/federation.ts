import {
  type ConstDirectiveNode,
  type DefinitionNode,
  extendSchema,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  GraphQLUnionType,
  Kind,
  parse,
  print,
  printSchema,
} from 'graphql';
import { isJsonObject } from '../core/json-object.ts';
import type { Context } from './builder.ts';
import { findEntity, typeOfEntity } from './node.ts';

/**
 * The schema as a subgraph of Apollo Federation 2: what https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
 * asks for, and no more. The libraries for it take graphql 16 only (decision 0078).
 */

/** Routers ask for the entities of one page of another subgraph at once. */
export const maxRepresentations = 1_000;

const additions = parse(`
scalar _Any
union _Entity = Model | Provider | Route
type _Service { "The schema of this subgraph." sdl: String! }
extend type Query {
  "For routers: this subgraph."
  _service: _Service!
  "For routers: entities by their representations, at most ${maxRepresentations}."
  _entities(representations: [_Any!]!): [_Entity]!
}
`);

const entityTypes: ReadonlySet<string> = new Set(['Model', 'Provider', 'Route']);

/** Directives of types, for routers. */
const typeDirectives: Readonly<Record<string, string>> = {
  Model: '@key(fields: "id")',
  Provider: '@key(fields: "id")',
  Route: '@key(fields: "id")',
  // Every subgraph with a connection has it.
  PageInfo: '@shareable',
};
/** Fields that cost money, for contracts that leave them out. */
const paid = '@tag(name: "paid")';
const fieldDirectives: Readonly<Record<string, string>> = {
  'Query.chat': paid,
  'Query.embed': paid,
  'Mutation.chat': paid,
  'Subscription.chatStream': paid,
};

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@tag"])\n\n';

/** The SDL for composition. `node` stays out: in a supergraph, ids of other subgraphs would reach it. */
export function subgraphSdl(schema: GraphQLSchema): string {
  const { kind, definitions } = parse(printSchema(schema));
  return `${link}${print({ kind, definitions: definitions.map(withDirectives) })}\n`;
}

function withDirectives(definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition;
  const type = definition.name.value;
  const fields = (definition.fields ?? [])
    .filter(({ name }) => `${type}.${name.value}` !== 'Query.node')
    .map((field) => ({ ...field, directives: directivesOf(fieldDirectives[`${type}.${field.name.value}`]) }));
  return { ...definition, fields, directives: directivesOf(typeDirectives[type]) };
}

function directivesOf(text = ''): ConstDirectiveNode[] {
  const [definition] = parse(`scalar _ ${text}`).definitions;
  return definition?.kind === Kind.SCALAR_TYPE_DEFINITION ? [...(definition.directives ?? [])] : [];
}

/** The schema that a gateway with `graphql.federation: true` serves. */
export function toSubgraph(schema: GraphQLSchema): GraphQLSchema {
  const sdl = subgraphSdl(schema);
  const subgraph = extendSchema(schema, additions);
  const fields = subgraph.getQueryType()?.getFields() ?? {};
  resolveBy(fields['_service'], () => ({ sdl }));
  resolveBy(fields['_entities'], (_root, { representations }, context) => {
    if (representations.length > maxRepresentations) {
      const message = `_entities: at most ${maxRepresentations} representations are allowed, got ${representations.length}.`;
      throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
    }
    return representations.map((one) => entityOf(one, context));
  });
  const entity = subgraph.getType('_Entity');
  if (entity instanceof GraphQLUnionType) entity.resolveType = (value) => typeOfEntity(value as never);
  return subgraph;
}

type Resolve = (root: unknown, args: { readonly representations: readonly unknown[] }, context: Context) => unknown;

function resolveBy(field: GraphQLField<unknown, unknown> | undefined, resolve: Resolve): void {
  if (field) field.resolve = resolve as NonNullable<typeof field.resolve>;
}

/** Null where there is none that the caller may use. */
function entityOf(representation: unknown, context: Context): unknown {
  const { __typename, id } = isJsonObject(representation) ? representation : {};
  if (typeof __typename !== 'string' || !entityTypes.has(__typename) || typeof id !== 'string') {
    throw new GraphQLError(
      '_entities: a representation has the __typename of an entity of this subgraph, and its id.',
      {
        extensions: { code: 'BAD_USER_INPUT' },
      },
    );
  }
  const found = findEntity(id, context);
  return found && typeOfEntity(found) === __typename ? found : null;
}
