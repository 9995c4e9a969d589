import * as assert from 'node:assert';
import fc from 'fast-check';
import type { JoinedCoverage } from '../../compiler/coverage.ts';
import { manifestText } from '../../compiler/manifest.ts';
import type { Span } from '../../compiler/source/span.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('the manifest');

const place = ({ file, start }: Span) => `${file}:${start}`;

interface Entry {
  readonly rule: string;
  readonly with?: readonly (string | { readonly before: string; readonly names: string[]; readonly after: string })[];
}

/** An entry for each rule. */
function expanded({ with: others = [], ...entry }: Entry): readonly Entry[] {
  const rules = others.flatMap((each) =>
    typeof each === 'string' ? [each] : each.names.map((name) => `${each.before}${name}${each.after}`),
  );
  return [entry, ...rules.map((rule) => ({ ...entry, rule }))];
}

function entriesOf(coverage: readonly JoinedCoverage[]) {
  return coverage.map(({ rule, topic, span, by, status, deployments, answers, accepted, overridden }) => ({
    rule,
    topic,
    at: place(span),
    by,
    status,
    deployments: Object.fromEntries(deployments.map(({ name, status }) => [name, status])),
    backends: answers.map(({ backend, status, enforced, lost }) => ({ backend, status, enforced, lost })),
    accepted,
    overridden,
  }));
}

/** What JSON says of the same. */
function byJson(head: object, coverage: readonly JoinedCoverage[]): string {
  return `${JSON.stringify({ ...head, coverage: entriesOf(coverage) }, undefined, 2)}\n`;
}

const part = fc.constantFrom('a', 'b', 'team-1', '', '*', '"');
const id = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const text = fc.oneof(fc.constantFrom('syscall/0', 'a "b" \\ c', 'é\n', ''), fc.string());
const status = fc.constantFrom('full', 'partial', 'none');
const answers = fc.array(
  fc.record(
    { rule: text, backend: fc.constantFrom('seccomp', 'oci'), status, enforced: text, lost: text },
    { requiredKeys: ['rule', 'backend', 'status'] },
  ),
  { maxLength: 3 },
);
const deployments = fc.uniqueArray(fc.record({ name: fc.constantFrom('launcher', 'oci', 'budgets'), status }), {
  selector: ({ name }) => name,
});
const span = fc.record({ file: fc.constantFrom('a.yaml', 'ä "b".yaml'), start: fc.nat(9), end: fc.nat(9) });

/** Entries of which neighbours share what joined rules share. */
const coverage = fc
  .array(
    fc.tuple(
      fc.record(
        { status, answers, deployments, accepted: text, overridden: text },
        { requiredKeys: ['status', 'answers', 'deployments'] },
      ),
      fc.array(
        fc.tuple(
          fc.record({ topic: text, span, by: text }, { requiredKeys: ['topic', 'span'] }),
          fc.array(fc.oneof(id, text), { minLength: 1, maxLength: 5 }),
        ),
        { maxLength: 3 },
      ),
    ),
    { maxLength: 4 },
  )
  .map((nodes) =>
    nodes.flatMap(([shared, fields]) =>
      fields.flatMap(([field, rules]) => rules.map((rule) => ({ rule, ...field, ...shared }) as JoinedCoverage)),
    ),
  );

const head = { polc: '1', sources: [{ path: 'a' }], validation: {} };
const written = (entries: readonly JoinedCoverage[]) =>
  manifestText(head, entries, (span) => JSON.stringify(place(span)));

test('has an entry for each rule, of which those that are alike share one', () => {
  assertFor(
    fc.property(coverage, (entries) => {
      const { coverage: found, ...rest }: { coverage: readonly Entry[] } = JSON.parse(written(entries));
      assert.deepEqual(rest, head);
      assert.deepEqual(found.flatMap(expanded), JSON.parse(JSON.stringify(entriesOf(entries))));
    }),
    { leastRuns: 300, milliseconds: 500 },
  );
});

test('is what JSON prints of it, where no two are alike', () => {
  const apart = (entries: readonly JoinedCoverage[]) =>
    entries.map((entry, index) => ({ ...entry, topic: `${index}` }));
  assertFor(
    fc.property(coverage.map(apart), (entries) => assert.equal(written(entries), byJson(head, entries))),
    { leastRuns: 200, milliseconds: 500 },
  );
});

test('names thousands of teams by no more than their names', () => {
  const [span, status, answers, deployments] = [{ file: 'a.yaml', start: 1, end: 2 }, 'full', [], []] as const;
  const shared = { topic: 'tiers.free', span, status, answers, deployments };
  const entries = Array.from({ length: 5000 }, (_, team) => ({ rule: `quota/free/team-${team}/burst`, ...shared }));
  assert.ok(written(entries).length < 5000 * 13);
});

run();
