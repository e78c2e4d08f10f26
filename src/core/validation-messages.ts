import { z } from 'zod';

/**
 * What is wrong with a value, in words for the person who wrote it. zod's own messages speak of types and operators
 * ("Too big: expected number to be <=2"). A rule with a message of its own keeps it.
 */
z.config({ customError: explain });

type RawIssue = z.core.$ZodRawIssue;

function explain(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `Missing: expected ${nounOf(issue.expected)}`
        : `Expected ${nounOf(issue.expected)}`;
    case 'too_big':
      return `Expected ${amountOf(issue.origin, 'at most', Number(issue.maximum), issue.inclusive !== false)}`;
    case 'too_small':
      return `Expected ${amountOf(issue.origin, 'at least', Number(issue.minimum), issue.inclusive !== false)}`;
    case 'invalid_value':
      return `Expected ${listOf(issue.values.map((value) => JSON.stringify(value)))}`;
    case 'not_multiple_of':
      return `Expected a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `Unknown field${issue.keys.length > 1 ? 's' : ''}: ${issue.keys.slice(0, 5).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'regex' ? 'The text has not the expected form' : `Expected a valid ${issue.format}`;
    case 'invalid_union':
      return 'The value has none of the expected forms';
    case 'invalid_key':
      return 'The name has not the expected form';
    case 'invalid_element':
      return 'One of the values has not the expected form';
    default:
      return undefined;
  }
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

function nounOf(expected: string): string {
  return nouns[expected] ?? `a value of type ${expected}`;
}

function amountOf(origin: string, bound: string, limit: number, isInclusive: boolean): string {
  const exact = isInclusive ? `${bound} ${limit}` : `${bound === 'at most' ? 'less than' : 'more than'} ${limit}`;
  switch (origin) {
    case 'string':
      return `${exact} characters`;
    case 'array':
    case 'set':
      return `${exact} ${limit === 1 ? 'item' : 'items'}`;
    default:
      return `a number of ${exact}`;
  }
}

function listOf(values: readonly string[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`;
}
