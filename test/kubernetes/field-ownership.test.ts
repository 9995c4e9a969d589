import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { FieldSet, fromFieldsV1 } from '../support/kubernetes/field-set.ts';
import { at, isObject, type Json, type JsonObject, listAt, textAt } from '../support/kubernetes/json.ts';
import { builtInKinds, objectSchema } from '../support/kubernetes/kinds.ts';
import { applyConfiguration, ownUpdate } from '../support/kubernetes/managed-fields.ts';
import { anything, keyedBy, listOf, mapOf, record, setOf, text } from '../support/kubernetes/schema.ts';
import { compare, merge, pathsOf, removePaths } from '../support/kubernetes/typed-value.ts';

const { test, run } = suite('kubernetes-field-ownership');

const schema = objectSchema({
  data: mapOf(text),
  spec: record({
    one: text,
    ports: keyedBy(
      ['protocol', 'port'],
      record({ port: { type: 'integer' }, protocol: { ...text, default: 'TCP' }, name: text }),
    ),
    names: setOf(text),
    whole: listOf(text),
    selector: { type: 'object', atomic: true, values: text },
    limits: mapOf(record({ rates: listOf(anything), when: text })),
    free: anything,
  }),
});

const limitPolicy = builtInKinds().find(({ kind }) => kind === 'RateLimitPolicy')!.schema;

function writer(manager: string, time = '2026-11-23T00:00:00Z') {
  return { manager, apiVersion: 'v1', subresource: '', time };
}

function applied(
  live: JsonObject | undefined,
  manager: string,
  parts: JsonObject,
  force = false,
  of = schema,
): JsonObject {
  const { object } = applyConfiguration(live, { ...parts, metadata: { name: 'x' } }, of, writer(manager), force);
  if (object === undefined) throw new Error('a conflict');
  return object;
}

function conflictsOf(live: JsonObject, manager: string, parts: JsonObject): readonly string[] {
  const result = applyConfiguration(live, { ...parts, metadata: { name: 'x' } }, schema, writer(manager), false);
  return (result.conflicts ?? []).map(({ owner, field }) => `${owner} ${field}`);
}

/** What a manager owns, as FieldsV1. */
function owned(object: JsonObject, manager: string): Json | undefined {
  return at(
    listAt(object, 'metadata', 'managedFields').find((each) => textAt(each, 'manager') === manager),
    'fieldsV1',
  );
}

const plain = { requiredKeys: [], noNullPrototype: true };
const leaf = fc.constantFrom('a', 'b', 'c');
const specs: fc.Arbitrary<JsonObject> = fc.record(
  {
    one: leaf,
    names: fc.uniqueArray(leaf),
    whole: fc.array(leaf, { maxLength: 2 }),
    selector: fc.dictionary(leaf, leaf, plain),
    limits: fc.dictionary(leaf, fc.record({ rates: fc.array(leaf, { maxLength: 2 }), when: leaf }, plain), plain),
    free: fc.dictionary(leaf, fc.dictionary(leaf, leaf, plain), plain),
    ports: fc.uniqueArray(
      fc.record({ port: fc.integer({ min: 1, max: 3 }), name: leaf }, { ...plain, requiredKeys: ['port'] }),
      {
        selector: ({ port }) => port,
      },
    ),
  },
  plain,
);
/** With another order of keys and without empty maps and lists, which own nothing by themselves. */
function withoutEmpty(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isObject(value)) return value;
  const kept = Object.entries(value)
    .map(([name, each]): [string, Json] => [name, withoutEmpty(each)])
    .filter(([, each]) => !(typeof each === 'object' && each !== null && Object.keys(each).length === 0));
  return Object.fromEntries(kept.sort());
}

/** What a manager applies. */
const configurations = specs.map((spec): JsonObject => {
  const parts = withoutEmpty({ spec });
  return isObject(parts) ? parts : {};
});

const paths = fc.array(
  fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1'), { minLength: 1, maxLength: 3 }),
);

function setFrom(all: readonly (readonly string[])[]): FieldSet {
  const set = new FieldSet();
  for (const path of all) set.insert(path);
  return set;
}

test('sets of paths have the operations of sets, and are what FieldsV1 says', () => {
  const keys = (all: readonly (readonly string[])[]) => [...new Set(all.map((path) => path.join(' ')))].sort();
  fc.assert(
    fc.property(paths, paths, (left, right) => {
      const [one, two] = [setFrom(left), setFrom(right)];
      const [own, other] = [keys(left), keys(right)];
      assert.equal(keys(one.paths()), own);
      assert.equal(keys(one.union(two).paths()), keys([...left, ...right]));
      assert.equal(
        keys(one.difference(two).paths()),
        own.filter((key) => !other.includes(key)),
      );
      assert.equal(
        keys(one.intersection(two).paths()),
        own.filter((key) => other.includes(key)),
      );
      assert.equal(keys(fromFieldsV1(one.toFieldsV1()).paths()), own);
    }),
  );
});

test('what changed between two values leads from one to the other', () => {
  fc.assert(
    fc.property(specs, specs, (left, right) => {
      const [before, after] = [{ spec: left }, { spec: right }];
      const { removed, added, modified } = compare(before, after, schema);
      const joined = merge(removePaths(before, removed, schema), after, schema);
      assert.equal(sortedItems(withoutEmpty(joined)), sortedItems(withoutEmpty(after)));
      const same = compare(before, before, schema);
      assert.ok(same.added.empty && same.removed.empty && same.modified.empty);
      assert.ok(added.intersection(removed).empty && added.intersection(modified).empty);
    }),
  );
});

/** Sets and lists with keys in one order, for merging keeps the order of what was there. */
function sortedItems(value: Json): string {
  return JSON.stringify(value, (name, each) =>
    name === 'names' || name === 'ports' ? [...each].map((item) => JSON.stringify(item)).sort() : each,
  );
}

test('applying again changes nothing', () => {
  fc.assert(
    fc.property(configurations, configurations, (left, right) => {
      const other = applied(undefined, 'other', left);
      const once = applied(other, 'one', right, true);
      assert.equal(applied(once, 'one', right), once);
    }),
  );
});

test('what was applied is there, and what is no longer applied is gone unless another owns it', () => {
  fc.assert(
    fc.property(configurations, configurations, configurations, (left, right, later) => {
      const base = applied(undefined, 'other', left);
      const both = applied(base, 'one', right, true);
      assert.ok(compare(right, both, schema).removed.empty);
      // Only what `one` owned may go, and all of what it alone owned and no longer applies must.
      const after = applied(both, 'one', later, true);
      const mine = pathsOf(right, schema).difference(pathsOf(later, schema).withNamedFields(schema));
      const others = fromFieldsV1(owned(both, 'other')).withNamedFields(schema);
      const there = pathsOf({ spec: at(after, 'spec') ?? {} }, schema);
      const stale = mine.difference(others).intersection(there);
      assert.equal(
        stale.paths().filter((path) => !isContainer(path, after)),
        [],
      );
      for (const path of others.paths()) {
        if (!pathsOf({ spec: at(both, 'spec') ?? {} }, schema).has(path)) continue;
        if (pathsOf(later, schema).has(path)) continue;
        assert.ok(there.has(path), path.join(' '));
      }
    }),
  );
});

/** A map that is kept for what others have in it is no field that was left. */
function isContainer(path: readonly string[], object: JsonObject): boolean {
  const names = path.map((step) => step.slice(2));
  return path.every((step) => step.startsWith('f:')) && isObject(at(object, ...names));
}

test('nobody conflicts who applies what is there', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const base = applied(undefined, 'other', { spec });
      assert.equal(conflictsOf(base, 'one', { spec }), []);
    }),
  );
});

// What the reference documentation says (kubernetes.io, Server-Side Apply; KEP-555).

test('a field of another value conflicts by name, and force takes it over', () => {
  const base = applied(undefined, 'one', { data: { key: 'old', mine: 'x' } });
  assert.equal(conflictsOf(base, 'two', { data: { key: 'new' } }), ['"one" .data.key']);
  const forced = applied(base, 'two', { data: { key: 'new' } }, true);
  assert.equal(owned(forced, 'one'), { 'f:data': { 'f:mine': {} } });
  assert.equal(owned(forced, 'two'), { 'f:data': { 'f:key': {} } });
  assert.equal(forced.data, { key: 'new', mine: 'x' });
});

test('a field that two apply stays until neither does', () => {
  const one = applied(undefined, 'one', { data: { key: 'a' } });
  const both = applied(one, 'two', { data: { key: 'a' } });
  const left = applied(both, 'one', {});
  assert.equal(left.data, { key: 'a' });
  assert.is(owned(left, 'one'), undefined);
  assert.is(applied(left, 'two', {}).data, undefined);
});

test('an update owns what it changes, and takes it from who applied it', () => {
  const base = applied(undefined, 'one', { data: { key: 'a', other: 'b' } });
  const updated = ownUpdate(base, { ...base, data: { key: 'z', other: 'b' } }, schema, writer('editor'));
  assert.equal(owned(updated, 'one'), { 'f:data': { 'f:other': {} } });
  assert.equal(owned(updated, 'editor'), { 'f:data': { 'f:key': {} } });
  assert.equal(conflictsOf(updated, 'one', { data: { key: 'a', other: 'b' } }), [
    '"editor" using v1 at 2026-11-23T00:00:00Z .data.key',
  ]);
});

test('who creates an object owns its maps too, who applies it only what is in them', () => {
  const parts = { metadata: { name: 'x', labels: { app: 'a' } }, data: { key: 'a' } };
  const created = ownUpdate(undefined, parts, schema, writer('creator'));
  assert.equal(owned(created, 'creator'), {
    'f:data': { '.': {}, 'f:key': {} },
    'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
  });
  const { object } = applyConfiguration(undefined, parts, schema, writer('one'), false);
  assert.equal(owned(object!, 'one'), { 'f:data': { 'f:key': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } });
});

test('items of a list with keys are owned one by one, a list without keys as one', () => {
  const one = applied(undefined, 'one', { spec: { ports: [{ port: 80, name: 'a' }], whole: ['x'], names: ['n'] } });
  assert.equal(owned(one, 'one'), {
    'f:spec': {
      'f:names': { 'v:"n"': {} },
      'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } },
      'f:whole': {},
    },
  });
  const both = applied(one, 'two', { spec: { ports: [{ port: 443 }], names: ['m'] } });
  assert.equal(at(both, 'spec', 'ports'), [{ port: 443 }, { port: 80, name: 'a' }].reverse());
  assert.equal(at(both, 'spec', 'names'), ['n', 'm']);
  assert.equal(conflictsOf(both, 'two', { spec: { whole: ['y'], ports: [{ port: 80, name: 'b' }] } }), [
    '"one" .spec.ports[port=80,protocol="TCP"].name',
    '"one" .spec.whole',
  ]);
  assert.equal(at(applied(both, 'one', {}), 'spec', 'ports'), [{ port: 443 }]);
});

test('a map with one owner is replaced as a whole', () => {
  const one = applied(undefined, 'one', { spec: { selector: { a: 'a' } } });
  assert.equal(owned(one, 'one'), { 'f:spec': { 'f:selector': {} } });
  assert.equal(conflictsOf(one, 'two', { spec: { selector: { b: 'b' } } }), ['"one" .spec.selector']);
  assert.equal(at(applied(one, 'two', { spec: { selector: { b: 'b' } } }, true), 'spec', 'selector'), { b: 'b' });
});

test('limits of a policy have an owner each, and their rates one', () => {
  const limit = (amount: number): JsonObject => ({ rates: [{ limit: amount, window: '1s' }] });
  const ours = applied(undefined, 'one', { spec: { limits: { gold: limit(1) } } }, false, limitPolicy);
  const both = applied(ours, 'two', { spec: { limits: { free: limit(2) } } }, false, limitPolicy);
  assert.equal(owned(both, 'one'), { 'f:spec': { 'f:limits': { 'f:gold': { '.': {}, 'f:rates': {} } } } });
  const left = applied(both, 'one', {}, false, limitPolicy);
  assert.equal(at(left, 'spec', 'limits'), { free: limit(2) });
});

test('what nobody owned when it was first applied belongs to `before-first-apply`', () => {
  const live = { apiVersion: 'v1', metadata: { name: 'x' }, data: { key: 'a' } };
  assert.equal(conflictsOf(live, 'one', { data: { key: 'b' } }), ['"before-first-apply" using v1 .data.key']);
});

test('an empty map is owned itself', () => {
  const one = applied(undefined, 'one', { spec: { limits: {} } });
  assert.equal(owned(one, 'one'), { 'f:spec': { 'f:limits': {} } });
});

test('who owns a field owns the structs around it, not the entries of maps', () => {
  const set = setFrom([['f:spec', 'f:limits', 'f:gold', 'f:when']]);
  assert.equal(set.withNamedFields(schema).toFieldsV1(), {
    'f:spec': { '.': {}, 'f:limits': { '.': {}, 'f:gold': { 'f:when': {} } } },
  });
});

test('what only others have keeps its place in a list', () => {
  const ports = (...numbers: readonly number[]): JsonObject => ({ spec: { ports: numbers.map((port) => ({ port })) } });
  const orders = [
    [
      [1, 2, 3],
      [1, 3],
      [1, 2, 3],
    ],
    [
      [1, 2, 3],
      [3, 1],
      [2, 3, 1],
    ],
    [
      [1, 2],
      [3, 1],
      [3, 1, 2],
    ],
    [[1], [2, 3], [1, 2, 3]],
  ] as const;
  for (const [base, over, expected] of orders) {
    const live = applied(undefined, 'other', ports(...base));
    assert.equal(at(applied(live, 'one', ports(...over)), 'spec'), ports(...expected).spec);
  }
});

test('an entry keeps its time while its manager changes nothing', () => {
  const parts = { metadata: { name: 'x' }, data: { key: 'a' } };
  const first = applied(undefined, 'one', parts);
  const times = (data: JsonObject) => {
    const late = writer('one', '2026-11-24T00:00:00Z');
    const { object } = applyConfiguration(first, { ...parts, data }, schema, late, false);
    return listAt(object, 'metadata', 'managedFields').map((each) => textAt(each, 'time').slice(0, 10));
  };
  assert.equal(times({ key: 'a' }), ['2026-11-23']);
  assert.equal(times({ key: 'b' }), ['2026-11-24']);
});

run();
