import { readFileSync } from 'node:fs';
import {
  type GraphQLField,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { printedSchema, schema } from '../../src/graphql/schema.ts';

const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
const standardScalars = ['String', 'Int', 'Float', 'Boolean', 'ID'];

describe('the schema', () => {
  it('is printed in schema.graphql (npm run schema refreshes it)', () => {
    expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema());
  });

  it('describes every type, field, argument and value', () => {
    const silent: string[] = [];
    const look = (name: string, { description }: { description?: string | null | undefined }) => {
      if (!description) silent.push(name);
    };
    for (const type of types) {
      if (!standardScalars.includes(type.name)) look(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
      if (isObjectType(type) || isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          look(`${type.name}.${field.name}`, field);
          if ('args' in field)
            for (const arg of (field as GraphQLField<unknown, unknown>).args)
              look(`${type.name}.${field.name}(${arg.name})`, arg);
        }
      }
    }
    expect(silent).toEqual([]);
  });

  it('allows fields of one name in several members of a union', () => {
    const conflicts: string[] = [];
    for (const union of types.filter(isUnionType)) {
      const shapes = new Map<string, string>();
      for (const member of union.getTypes()) {
        for (const { name, type } of Object.values(member.getFields())) {
          // Two fields merge only if they have the same shape, nullability included (SameResponseShape of the specification).
          const shape = String(type);
          if ((shapes.get(name) ?? shape) !== shape)
            conflicts.push(`${union.name}.${name}: ${shapes.get(name)} and ${shape} of ${member.name}`);
          shapes.set(name, shape);
        }
      }
    }
    expect(conflicts).toEqual([]);
  });
});
