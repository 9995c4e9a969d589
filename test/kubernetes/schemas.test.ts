import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { assertFor } from '../support/bounded-property.ts';
import { changedSpec, specChanges } from '../support/changed-specs.ts';
import { suite } from '../support/harness.ts';
import { kuadrantSeeds } from '../support/kuadrant-seeds.ts';
import { kindsOf } from '../support/kubernetes/custom-resources.ts';
import type { JsonObject } from '../support/kubernetes/json.ts';
import { apiVersionOf, builtInKinds } from '../support/kubernetes/kinds.ts';
import type { Schema } from '../support/kubernetes/schema.ts';
import { unknownFields, violations } from '../support/kubernetes/validate.ts';
import { violations as naiveViolations } from '../support/naive-crd.ts';

const { test, skip, run } = suite('kubernetes-schemas');

const folder = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'data', 'kuadrant-crds');

/** A line for each node: what the server does with it. Rules are counted, for they are worded again. */
function lines(schema: Schema, path: string): readonly string[] {
  const { fields = {}, values, items, rules = [], ...own } = schema;
  const sorted = Object.fromEntries(Object.entries(own).sort(([left], [right]) => (left < right ? -1 : 1)));
  return [
    `${path} ${JSON.stringify(sorted)} ${rules.length}`,
    ...Object.entries(fields).flatMap(([name, field]) => lines(field, `${path}.${name}`)),
    ...(values === undefined ? [] : lines(values, `${path}{}`)),
    ...(items === undefined ? [] : lines(items, `${path}[]`)),
  ].sort();
}

if (!existsSync(folder)) skip('of policies', 'the CustomResourceDefinitions of Kuadrant are not on this machine');
else {
  const names = readdirSync(folder);
  const served = names.flatMap((name) => {
    const definition: JsonObject = parse(readFileSync(join(folder, name), 'utf8'));
    return kindsOf(definition);
  });
  const own = builtInKinds();

  test('of policies are those of their definitions', () => {
    const policies = own.filter(({ group }) => group.endsWith('kuadrant.io'));
    assert.is(policies.length, 4);
    for (const kind of policies) {
      const defined = served.find((each) => each.kind === kind.kind && apiVersionOf(each) === apiVersionOf(kind))!;
      const { schema, ...rest } = kind;
      const { schema: definedSchema, ...definedRest } = defined;
      assert.equal(rest, definedRest);
      assert.equal(lines(schema.fields!.spec!, 'spec'), lines(definedSchema.fields!.spec!, 'spec'));
    }
  });

  test('refuse what a validator of its own refuses in changed policies', () => {
    const seeds = Object.values(kuadrantSeeds).map((text): JsonObject => parse(text));
    assertFor(
      fc.property(fc.constantFrom(...seeds), specChanges, (seed, changes) => {
        const kind = own.find((each) => each.kind === seed.kind)!;
        const schema = kind.schema.fields!.spec!;
        const spec = changedSpec(seed.spec!, changes);
        const expected = naiveViolations(kind.kind, spec);
        const actual = [...unknownFields(spec, schema), ...violations(spec, schema, 'spec')];
        const told = `${JSON.stringify(spec)} ${JSON.stringify(expected)} ${JSON.stringify(actual)}`;
        assert.is(actual.length > 0, expected.length > 0, told);
      }),
      { leastRuns: 300, milliseconds: 2000 },
    );
  });

  test('of the Gateway API hold what a definition says, where they say it', () => {
    for (const kind of own.filter(({ group }) => group === 'gateway.networking.k8s.io')) {
      const { schema } = served.find((each) => each.kind === kind.kind && each.version === kind.version)!;
      assert.equal(disagreements(kind.schema.fields!.spec!, schema.fields!.spec!, 'spec'), []);
    }
  });
}

/** Where two schemas own, default or demand differently; below what ours leaves open nothing is compared. */
function disagreements(ours: Schema, defined: Schema, path: string): readonly string[] {
  if (ours.type === undefined || ours.open === true) return [];
  const traits = ({ type, required = [], list, atomic, default: normal, maxItems }: Schema) =>
    JSON.stringify({ type, required: [...required].sort(), list, atomic, normal, maxItems });
  const own = traits(ours) === traits(defined) ? [] : [`${path}: ${traits(ours)} ${traits(defined)}`];
  const unknown =
    ours.fields === undefined ? [] : Object.keys(defined.fields ?? {}).filter((name) => !ours.fields?.[name]);
  return [
    ...own,
    ...unknown.map((name) => `${path}.${name} is unknown`),
    ...Object.entries(ours.fields ?? {}).flatMap(([name, field]) => {
      const other = defined.fields?.[name];
      return other === undefined ? [`${path}.${name} is invented`] : disagreements(field, other, `${path}.${name}`);
    }),
    ...(ours.items !== undefined && defined.items !== undefined
      ? disagreements(ours.items, defined.items, `${path}[]`)
      : []),
  ];
}

run();
