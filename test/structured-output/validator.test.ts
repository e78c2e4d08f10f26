import { afterAll, describe, expect, it } from 'vitest';
import { createOutputValidator } from '../../src/structured-output/validator.ts';

const validator = createOutputValidator({ timeoutMs: 400 });
afterAll(() => validator.close());

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    age: { type: 'integer' },
    mail: { type: 'string', format: 'email' },
  },
  required: ['name', 'age'],
  additionalProperties: false,
};

/** Two references on each of thirty levels: a billion validations of one value. */
const bomb = {
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    Array.from({ length: 31 }, (_, level) => [
      `d${level}`,
      level === 30
        ? { type: 'object' }
        : { allOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] },
    ]),
  ),
};
const slowPattern = { type: 'string', pattern: '^(a+)+$' };
const slowText = `${'a'.repeat(40)}!`;

describe('a value', () => {
  it('that follows its schema is valid', async () => {
    expect(await validator.check(person, { name: 'Ann', age: 3, mail: 'a@b.example' }, 'x')).toEqual({ kind: 'valid' });
  });

  it('that does not is told by place, without its content', async () => {
    const check = await validator.check(person, { name: '', age: 'secret-canary', mail: 'nope', more: 1 }, 'x');
    expect(check).toEqual({
      kind: 'invalid',
      issues: [
        { path: 'object', message: expect.stringContaining('must NOT have additional properties (more)') },
        { path: 'object.name', message: 'must NOT have fewer than 1 characters' },
        { path: 'object.age', message: 'must be integer' },
        { path: 'object.mail', message: 'must match format "email"' },
      ],
    });
    expect(JSON.stringify(check)).not.toContain('canary');
  });

  it('is read by the rules of its draft', async () => {
    const list = (schema: object) => ({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema });
    const tuple = { type: 'array', items: [{ type: 'string' }, { type: 'number' }] };
    expect(await validator.check(list(tuple), ['a', 'b'], 'x')).toMatchObject({ kind: 'invalid' });
    const newer = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] };
    expect(await validator.check(newer, ['a', 'b'], 'x')).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['of an unknown type', { type: 'thing' }],
    ['with a reference to nowhere', { $ref: '#/$defs/none' }],
    ['of another server', { $ref: 'https://a.example/schema.json' }],
    ['with a broken pattern', { type: 'string', pattern: '(' }],
  ])('with a schema %s is not checked', async (_what, schema) => {
    expect(await validator.check(schema, 'x', 'x')).toMatchObject({ kind: 'unchecked' });
  });
});

describe('a schema that takes any time', () => {
  it.each([
    ['a bad pattern', slowPattern, slowText],
    ['references without end', bomb, {}],
  ])('is given up, and the next one is checked: %s', async (_what, schema, value) => {
    const slow = validator.check(schema, value, 'attacker');
    const other = validator.check(person, { name: 'Ann', age: 3 }, 'somebody');
    expect(await slow).toEqual({ kind: 'unchecked', why: 'the validation took too long' });
    expect(await other).toEqual({ kind: 'valid' });
    // It is not tried again.
    const before = performance.now();
    expect(await validator.check(schema, value, 'attacker')).toMatchObject({ kind: 'unchecked' });
    expect(performance.now() - before).toBeLessThan(300);
  });

  it('does not stop the process from serving others', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    await validator.check({ ...slowPattern, title: 'another' }, slowText, 'attacker');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(20);
  });

  it('makes another caller wait for one validation, and not for all of the attacker', async () => {
    const order: string[] = [];
    const ask = (caller: string, at: number) =>
      validator.check({ ...slowPattern, title: `${caller} ${at}` }, caller === 'attacker' ? slowText : 'a', caller);
    const attacks = [0, 1, 2].map((at) => ask('attacker', at).then(() => order.push(`attack ${at}`)));
    await ask('somebody', 0).then(() => order.push('somebody'));
    await Promise.all(attacks);
    expect(order.indexOf('somebody')).toBeLessThanOrEqual(1);
  });

  it('is not awaited when the gateway stops', async () => {
    const own = createOutputValidator({ timeoutMs: 60_000 });
    const slow = own.check(slowPattern, slowText, 'x');
    await own.close();
    expect(await slow).toMatchObject({ kind: 'unchecked' });
    expect(await own.check({}, 1, 'x')).toMatchObject({ kind: 'unchecked' });
  });
});
