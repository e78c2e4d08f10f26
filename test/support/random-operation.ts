import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { schema } from '../../src/graphql/schema.ts';
import type { Dice } from '../fuzz/random.ts';

/** A request with a valid operation, its variables included. */
export type RandomOperation = {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
};

const chatInputs = [
  { model: 'acme/a', messages: [{ role: 'USER', content: 'Hello' }] },
  { model: 'acme/a', messages: [{ role: 'USER', parts: [{ text: 'Hello' }] }], temperature: 0.5, stop: 'x' },
  { model: 'acme/a', messages: { role: 'USER', content: 'One is a list' }, tools: [{ name: 'look' }] },
  // Failures: as data, as an invalid variable, as an error of the gateway's rules.
  { model: 'acme/failing', messages: [{ role: 'USER', content: 'Hello' }] },
  { model: 'nobody/a', messages: [{ role: 'USER', content: 'Hello' }] },
  { model: 'acme/a', messages: [{ role: 'NOBODY', content: 'Hello' }] },
  { model: 'acme/a', messages: [], temperature: 9 },
  { model: 'acme/a' },
];

const otherArguments: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'Query.models': ['', '(filter: { search: "gpt" })', '(filter: { modalities: [IMAGE], tools: true })'],
  'Query.model': ['(id: "acme/a")', '(id: "nobody/x")'],
  'Query.usage': ['(by: MODEL)', '(by: PROVIDER)'],
  'Query.node': ['(id: "acme/a")', '(id: "acme")', '(id: "nobody/x")'],
  'Query.modelsConnection': ['', '(first: 2, orderBy: { field: PRICE })', '(first: 0)', '(after: "nonsense")'],
  'Query.embed': ['(input: { model: "acme/a", input: ["Hello"] })'],
  'Query.chatResult': ['(streamId: "none")'],
  'Mutation.stopChatStream': ['(streamId: "none")'],
  'Subscription.resumeChatStream': ['(streamId: "none")'],
};

const maxDepth = 5;

/** Draws an operation over the whole schema: aliases, merged fields, nested fragments, directives with variables, `__typename`. */
export function randomOperation(dice: Dice): RandomOperation {
  const drawn = dice.chance();
  const kind = drawn < 0.3 ? 'subscription' : drawn < 0.45 ? 'mutation' : 'query';
  const isSubscription = kind === 'subscription';
  const root = {
    subscription: schema.getSubscriptionType(),
    mutation: schema.getMutationType(),
    query: schema.getQueryType(),
  }[kind];
  if (!root) throw new Error('The schema has no such root');
  const fragments: string[] = [];
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  let names = 0;

  function flag(): string {
    const name = `flag${names++}`;
    const hasDefault = dice.chance() < 0.3;
    declared.push(`$${name}: Boolean${hasDefault ? ' = true' : '!'}`);
    if (!hasDefault || dice.chance() < 0.5) variables[name] = dice.chance() < 0.6;
    return `@${dice.pick('include', 'skip')}(if: $${name})`;
  }

  const directive = (odds: number) => (dice.chance() < odds ? ` ${flag()}` : '');

  function argumentsOf(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>): string {
    if (field.name === 'chat' || field.name === 'chatStream') {
      const name = `input${names++}`;
      declared.push(`$${name}: ChatInput!`);
      variables[name] = chatInputs[dice.chance() < 0.6 ? dice.below(3) : dice.below(chatInputs.length)];
      return `(input: $${name})`;
    }
    const [first = '', ...others] = otherArguments[`${parent.name}.${field.name}`] ?? [''];
    return dice.pick(first, ...others);
  }

  function field(parent: GraphQLObjectType, depth: number, isRoot: boolean): string {
    const fields = Object.values(parent.getFields()).filter(
      ({ type }) => depth < maxDepth || isLeafType(getNamedType(type)),
    );
    const [first, ...others] = fields;
    if (!first || (!isRoot && dice.chance() < 0.12)) return `__typename${directive(0.1)}`;
    const chosen = dice.pick(first, ...others);
    const type = getNamedType(chosen.type);
    // Two fields with arguments merge only under names of their own.
    const hasArguments = chosen.args.length > 0;
    const alias = hasArguments || dice.chance() < 0.15 ? `alias${names++}: ` : '';
    const inner = isLeafType(type) ? '' : ` { ${selections(type, depth + 1)} }`;
    // graphql-js refuses @skip and @include at the root of a subscription.
    const directives = isRoot && isSubscription ? '' : directive(0.15);
    return `${alias}${chosen.name}${argumentsOf(parent, chosen)}${directives}${inner}`;
  }

  function fragment(type: GraphQLNamedType, body: string, mayHaveDirective: boolean): string {
    const directives = mayHaveDirective ? directive(0.15) : '';
    if (dice.chance() < 0.5) return `... on ${type.name}${directives} { ${body} }`;
    const name = `Fragment${names++}`;
    fragments.push(`fragment ${name} on ${type.name} { ${body} }`);
    return `...${name}${directives}`;
  }

  function selections(type: GraphQLNamedType, depth: number): string {
    const count = 1 + dice.below(4);
    if (isAbstractType(type)) {
      const [first, ...others] = schema.getPossibleTypes(type);
      if (!first) return '__typename';
      const parts = Array.from({ length: count }, () => {
        const chosen = dice.pick(first, ...others);
        return fragment(chosen, selections(chosen, depth), true);
      });
      return ['__typename', ...parts].join(' ');
    }
    if (!isObjectType(type)) return '__typename';
    const parts = Array.from({ length: count }, () => {
      const one = field(type, depth, false);
      return dice.chance() < 0.15 ? fragment(type, one, true) : one;
    });
    // The same leaf twice is merged into one.
    const leaves = Object.values(type.getFields()).filter(
      ({ type: own, args }) => isLeafType(getNamedType(own)) && !args.length,
    );
    const [leaf] = leaves;
    if (leaf && dice.chance() < 0.2) parts.push(leaf.name, leaf.name);
    return parts.join(' ');
  }

  const body = isSubscription
    ? field(root, 0, true)
    : Array.from({ length: 1 + dice.below(3) }, () => field(root, 0, true)).join(' ');
  const name = dice.chance() < 0.5 ? ' Drawn' : '';
  const list = declared.length > 0 ? `(${declared.join(', ')})` : '';
  const query = `${kind}${name || (list ? ' Drawn' : '')}${list} { ${body} } ${fragments.join(' ')}`;
  if (dice.chance() < 0.05) delete variables[Object.keys(variables)[0] ?? ''];
  return { query, variables };
}
