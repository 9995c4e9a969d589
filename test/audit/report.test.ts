import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { attribute, compare, literal } from '../../compiler/expressions/predicate.ts';
import type { StepOutcome } from '../../compiler/ir/launch.ts';
import type { Rule } from '../../compiler/ir/policy.ts';
import { type LaunchDecision, launchEntry, violatedRules } from '../../runtime/audit/launch-record.ts';
import { auditStream } from '../../runtime/audit/log.ts';
import { type AuditEntry, type AuditRecord, readRecord } from '../../runtime/audit/record.ts';
import { summaryCsv } from '../../runtime/audit/report/csv.ts';
import { summaryHtml } from '../../runtime/audit/report/html.ts';
import { subjects, summarise } from '../../runtime/audit/report/summary.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('audit-report');

const morning = Date.parse('2026-11-23T09:00:00Z');
const origin = { span: { file: 'cs101.yaml', start: 3, end: 9 } };

function outcome(id: string, what: StepOutcome['outcome']): StepOutcome {
  const when = compare(attribute('hourly_cost'), '>', literal(1));
  const rule: Rule = { id, topic: 'max_hourly_cost', origin, when, effect: { kind: 'deny' } };
  return { step: 'resources', rule, outcome: what };
}

const institution = 'institution/State University/resources/1';
const profile = 'profile/cs101/resources/2';

function decision(actor: string, template: string, steps: readonly StepOutcome[], more: Partial<LaunchDecision> = {}) {
  const fixed = { launched: template, name: 'homework', policyHash: 'ab'.repeat(32), dryRun: false };
  return launchEntry({ at: morning, actor, template, profile: 'cs101', steps, ...fixed, ...more });
}

function recorded(entries: readonly AuditEntry[]): readonly AuditRecord[] {
  let text = '';
  auditStream((written) => {
    text += written;
  }).append(entries);
  return text.split('\n').flatMap((line) => readRecord(line) ?? []);
}

const records = recorded([
  decision('ann', 'python', [outcome(institution, 'holds'), outcome(profile, 'holds')]),
  decision('ann', 'python', [outcome(institution, 'denied'), outcome(profile, 'unknown')]),
  decision('bob', 'r-basic', [outcome(institution, 'holds'), outcome(profile, 'denied')], { at: morning + 86_400_000 }),
  decision('bob', 'r-basic', [outcome(profile, 'holds')], { problems: ['DescribeImages failed'] }),
  { ...decision('bob', 'x', []), action: 'guardrail.evaluate' },
]);

test('every step is in the record, and a launch is allowed only where all of them hold', () => {
  assert.equal(
    records.slice(0, 4).map(({ decision: said }) => said),
    ['allowed', 'refused', 'refused', 'refused'],
  );
  assert.equal(
    records[1]?.reasons.map(({ text }) => text),
    [`resources: ${institution} denied (max_hourly_cost)`, `resources: ${profile} unknown (max_hourly_cost)`],
  );
  assert.equal(records[1]?.reasons[0]?.span, origin.span);
  assert.equal(records.slice(0, 4).map(violatedRules), [[], [institution, profile], [profile], []]);
});

test('refusals are counted by policy, rule, person and template', () => {
  const { launches, refused, others, by, first, last } = summarise(records);
  assert.equal(
    { launches, refused, others, first, last },
    {
      launches: 4,
      refused: 3,
      others: 1,
      first: '2026-11-23T09:00:00.000Z',
      last: '2026-11-24T09:00:00.000Z',
    },
  );
  assert.equal(by.policy, [
    { name: 'profile cs101', launches: 2, refused: 2 },
    { name: '(no rule)', launches: 1, refused: 1 },
    { name: 'institution State University', launches: 1, refused: 1 },
  ]);
  assert.equal(by.person, [
    { name: 'bob', launches: 2, refused: 2 },
    { name: 'ann', launches: 2, refused: 1 },
  ]);
  assert.equal(
    by.template.map(({ name }) => name),
    ['r-basic', 'python'],
  );
  assert.equal(
    by.day.map(({ name, refused: no }) => [name, no]),
    [
      ['2026-11-23', 2],
      ['2026-11-24', 1],
    ],
  );
  assert.is(summarise(records, { since: morning + 1 }).launches, 1);
  assert.is(summarise(records, { until: morning + 86_400_000 }).launches, 3);
});

test('the sum over people, templates, profiles and days is that of all launches, whatever was decided', () => {
  const entry = fc
    .record({
      actor: fc.constantFrom('ann', 'bob', '__proto__', ''),
      template: fc.string({ maxLength: 3 }),
      hours: fc.nat(100),
      outcomes: fc.array(fc.constantFrom<StepOutcome['outcome']>('holds', 'denied', 'unknown'), { maxLength: 3 }),
    })
    .map(({ actor, template, hours, outcomes }) =>
      decision(
        actor,
        template,
        outcomes.map((what, index) => outcome(`profile/p${index}/source/1`, what)),
        { at: morning + hours * 3_600_000 },
      ),
    );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const { by, launches, refused } = summarise(recorded(entries));
      for (const subject of ['person', 'template', 'profile', 'day'] as const) {
        const sum = (of: 'launches' | 'refused') => by[subject].reduce((total, each) => total + each[of], 0);
        assert.equal([sum('launches'), sum('refused')], [launches, refused], subject);
      }
      assert.is(launches, entries.length);
      return true;
    }),
    { numRuns: 200 },
  );
});

test('a name is never markup, a formula, or another cell', () => {
  const names = ['<script>alert(1)</script>', '" onload="x', "=cmd|' /C calc'!A0", '-1,2', 'a\nb', '@x', "it's & more"];
  const summary = summarise(
    recorded(names.map((name) => decision(name, name, [outcome(`profile/${name}/source/1`, 'denied')]))),
  );
  const page = summaryHtml(summary, subjects, { file: '<i>', head: 'ab' });
  assert.not.match(page, /<script|<i>|" onload/);
  const open = new Set([...page.matchAll(/<([a-z][a-z0-9]*)[\s>/]/g)].map((match) => match[1]));
  const known =
    'html head meta title style body h1 h2 p code svg g rect text details summary table thead tbody tr th td';
  for (const tag of open) assert.ok(known.split(' ').includes(tag ?? ''), tag);
  // Nothing is fetched from anywhere.
  assert.not.match(page, /https?:|src=|href=|url\(|@import/);
  const rows = readCsv(summaryCsv(summary, ['person']));
  assert.equal(rows[0], ['by', 'name', 'launches', 'refused']);
  assert.equal(
    rows
      .slice(1)
      .map((row) => row[1])
      .sort(),
    names.map((name) => (/^[=@-]/.test(name) ? `'${name}` : name)).sort(),
  );
  for (const row of rows) assert.is(row.length, 4);
});

/** RFC 4180, as others read it. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

run();
