import {
  BREAK,
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { selectsWholeAnswer } from './answer-fold.ts';
import { type CompiledOperation, compileOperation } from './compiled-operation.ts';
import { maxTokens } from './document-limits.ts';
import { selectsObjectDelta } from './object-snapshots.ts';

/** A valid operation. */
export type Operation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** Whether its last event has to have the whole answer. */
  readonly selectsWholeAnswer: boolean;
  readonly selectsObjects: boolean;
  /** Its compiled form, for operations that only call models. */
  readonly compiled: CompiledOperation | undefined;
};

export type DocumentCache = {
  /** Undefined if the document is invalid or has no such operation. */
  find(query: string, operationName: string | null | undefined): Operation | undefined;
};

type Document = { readonly node: DocumentNode; readonly operations: Map<string, Operation | undefined> };

/** Bounds of the cache: clients that write prompts into documents send a new one each time. */
const maxDocuments = { documents: 1_000, chars: 16 * 1024 };

/** Parses and validates each document once. */
export function createDocumentCache(schema: GraphQLSchema, ownRules: readonly ValidationRule[]): DocumentCache {
  const known = new LRUCache<string, Document>({ max: maxDocuments.documents });
  const rules = [...specifiedRules, ...ownRules];

  function read(query: string): Document | undefined {
    const node = parse(query, { maxTokens });
    return validate(schema, node, rules).length > 0 ? undefined : { node, operations: new Map() };
  }

  function operationOf({ node: document }: Document, name: string | null | undefined): Operation | undefined {
    const definition = getOperationAST(document, name);
    if (!definition) return undefined;
    const compiled = containsDirectives(document) ? undefined : compileOperation(schema, document, definition);
    return {
      ...{ schema, document, definition, compiled },
      selectsWholeAnswer: selectsWholeAnswer(schema, document, definition),
      selectsObjects: selectsObjectDelta(document),
    };
  }

  return {
    find(query, operationName) {
      const document = known.get(query) ?? read(query);
      if (!document) return undefined;
      const { operations } = document;
      const name = operationName ?? '';
      if (!operations.has(name)) {
        const operation = operationOf(document, operationName);
        // The name comes from the caller: unknown names are not cached.
        if (!operation) return undefined;
        operations.set(name, operation);
        if (query.length <= maxDocuments.chars) known.set(query, document);
      }
      return operations.get(name);
    },
  };
}

function containsDirectives(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    [Kind.DIRECTIVE]() {
      isFound = true;
      return BREAK;
    },
  });
  return isFound;
}
