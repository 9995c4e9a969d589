import * as assert from 'node:assert';
import fc from 'fast-check';
import type { JoinedCoverage } from '../../compiler/coverage.ts';
import { manifestText } from '../../compiler/manifest.ts';
import type { Span } from '../../compiler/source/span.ts';
import { assertFor } from '../support/bounded-property.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('the manifest');

const place = ({ file, start }: Span) => `${file}:${start}`;

/** What JSON says of the same. */
function byJson(head: object, coverage: readonly JoinedCoverage[]): string {
  const entries = coverage.map(({ rule, topic, span, by, status, deployments, answers, accepted, overridden }) => ({
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
  return `${JSON.stringify({ ...head, coverage: entries }, undefined, 2)}\n`;
}

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
      fc.array(fc.record({ rule: text, topic: text, span, by: text }, { requiredKeys: ['rule', 'topic', 'span'] }), {
        maxLength: 3,
      }),
    ),
    { maxLength: 4 },
  )
  .map((nodes) => nodes.flatMap(([shared, rules]) => rules.map((rule) => ({ ...rule, ...shared }) as JoinedCoverage)));

test('is what JSON prints of it', () => {
  const head = { polc: '1', sources: [{ path: 'a' }], validation: {} };
  assertFor(
    fc.property(coverage, (entries) =>
      assert.equal(
        manifestText(head, entries, (span) => JSON.stringify(place(span))),
        byJson(head, entries),
      ),
    ),
    { leastRuns: 200, milliseconds: 500 },
  );
});

run();
