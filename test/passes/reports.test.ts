import assert from 'node:assert/strict';
import { joinCoverage } from '../../compiler/coverage.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { and, attribute, compare, inSet, literal, type Predicate } from '../../compiler/expressions/predicate.ts';
import type { Combination, Effect, Point, Policy } from '../../compiler/ir/policy.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { optimise } from '../../compiler/passes/index.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('pass-reports');

const allow: Effect = { kind: 'allow' };
const refuse: Effect = { kind: 'errno', errno: 1 };
const kill: Effect = { kind: 'kill-process' };

type Line = readonly [effect: Effect, when: Predicate, by?: string | undefined, line?: number];

/** One decision whose rules stand on lines 0, 1, ... of ten characters each, or on the line that is given. */
function policy(
  lines: readonly Line[],
  otherwise: Effect,
  point: Point = 'syscall',
  combine: Combination = 'first-match',
): Policy {
  const span = (line: number) => ({ file: 'policy.yaml', start: 10 * line, end: 10 * line + 9 });
  return {
    name: 'web',
    decisions: [
      {
        point,
        combine,
        rules: lines.map(([effect, when, by, line], index) => ({
          id: `rule/${index}`,
          topic: 'rules',
          effect,
          when,
          origin: by === undefined ? { span: span(line ?? index) } : { span: span(line ?? index), by },
        })),
        otherwise: { id: 'otherwise', topic: 'default', effect: otherwise, origin: { span: span(99) } },
      },
    ],
    limits: [],
    obligations: [],
  };
}

function calls(...names: string[]): Predicate {
  return inSet(attribute('syscall'), names);
}

function argument(value: bigint): Predicate {
  return compare(attribute('arg0'), '==', literal(value));
}

function beneath(pattern: string, ...rights: string[]): Predicate {
  return and({ kind: 'beneath', term: attribute('path'), pattern }, inSet(attribute('right'), rights));
}

/** The reports as `CODE line: label of line, ...`, and the rules that are left. */
function outcome(input: Policy): { reports: readonly string[]; rules: readonly string[] } {
  const diagnostics: Diagnostic[] = [];
  const optimised = optimise(input, diagnostics);
  return {
    reports: diagnostics.map(({ code, span, related }) => {
      const places = related.map((each) => `${each.span.start / 10} ${each.label}`);
      return `${code} ${span.start / 10}: ${places.join(', ')}`;
    }),
    rules: printPolicy(optimised)
      .split('\n')
      .filter((line) => /^ {2}rule/.test(line))
      .map((line) => line.trim()),
  };
}

test('a rule that an earlier one decides is reported with the earlier one', () => {
  const { reports, rules } = outcome(
    policy(
      [
        [allow, calls('bind', 'socket')],
        [kill, and(calls('socket'), argument(1n))],
      ],
      refuse,
    ),
  );
  assert.deepEqual(reports, ['POL5003 1: 0 already allows `socket` whatever its arguments']);
  assert.deepEqual(rules, ['rule/0: allow when syscall in {bind, socket}']);
});

test('several rules may shadow one together', () => {
  const low = compare(attribute('arg0'), '<', literal(10n));
  const high = compare(attribute('arg0'), '>=', literal(8n));
  const { reports } = outcome(
    policy(
      [
        [allow, and(calls('socket'), low)],
        [kill, and(calls('socket'), high)],
        [allow, calls('socket')],
      ],
      refuse,
    ),
  );
  assert.deepEqual(reports, ['POL5003 2: 0 already allows `socket`, 1 already kills for `socket`']);
});

test('a rule that is shadowed in part stays whole, and nothing is said', () => {
  const { reports, rules } = outcome(
    policy(
      [
        [kill, calls('socket')],
        [allow, calls('bind', 'socket')],
      ],
      refuse,
    ),
  );
  assert.deepEqual(reports, []);
  assert.deepEqual(rules.length, 2);
});

test('what a preset or a base adds is dropped silently where the same happens without it', () => {
  for (const effect of [kill, allow]) {
    const input = policy(
      [
        [kill, calls('bind')],
        [effect, calls('bind'), 'preset medium'],
      ],
      refuse,
    );
    assert.deepEqual(outcome(input), { reports: [], rules: ['rule/0: kill-process when syscall in {bind}'] });
  }
});

test('a refusal of a preset or a base is reported where a rule lets it pass, once a place', () => {
  const lines: readonly Line[] = [
    [{ kind: 'log' }, calls('bind', 'socket')],
    [kill, calls('bind'), 'extends base.yaml', 7],
    [refuse, calls('socket'), 'extends base.yaml', 7],
    [refuse, and(calls('socket'), argument(1n)), 'preset medium', 8],
  ];
  assert.deepEqual(outcome(policy(lines, refuse)).reports, [
    'POL5022 0: 7 refuses it (extends base.yaml)',
    'POL5022 0: 8 refuses it (preset medium)',
  ]);
});

test('a dead rule says who overrides it, unless what it says happens all the same', () => {
  const cases: readonly (readonly [Effect, Effect, string | undefined])[] = [
    [allow, kill, 'rule/0'],
    [allow, { kind: 'log' }, 'rule/0'],
    [kill, allow, 'rule/0'],
    [kill, refuse, undefined],
    [allow, allow, undefined],
  ];
  for (const [first, second, overridden] of cases) {
    const input = policy(
      [
        [first, calls('bind')],
        [second, calls('bind')],
      ],
      { kind: 'trap', data: 0 },
    );
    const [rule] = optimise(input, []).decisions[0]!.rules;
    assert.equal(rule?.merged?.[0]?.id, 'rule/1');
    assert.equal(rule?.merged?.[0]?.overridden, overridden);
    const answers = [{ backend: 'seccomp', rule: 'rule/0', status: 'full' }] as const;
    const joined = joinCoverage(optimise(input, []), answers, [], []).find((entry) => entry.rule === 'rule/1');
    assert.equal(joined?.status, overridden === undefined ? 'full' : 'none');
    assert.equal(joined?.overridden, overridden);
  }
});

test('one place in the source is reported once, and only when all that came of it is dead', () => {
  const x86 = inSet(attribute('arch'), ['x86']);
  const arm = inSet(attribute('arch'), ['arm']);
  const dead: readonly Line[] = [
    [allow, calls('bind')],
    [kill, and(calls('bind'), x86), undefined, 1],
    [kill, and(calls('bind'), arm), undefined, 1],
  ];
  assert.deepEqual(outcome(policy(dead, refuse)).reports, [
    'POL5003 1: 0 already allows `bind` whatever its arguments',
  ]);
  assert.deepEqual(outcome(policy([...dead, [kill, calls('read'), undefined, 1]], refuse)).reports, []);
});

test('a rule whose conditions exclude each other is reported, unless the lowering wrote `false`', () => {
  const impossible = and(calls('socket'), argument(1n), argument(2n));
  assert.deepEqual(outcome(policy([[allow, impossible]], refuse)), { reports: ['POL5003 0: '], rules: [] });
  const said = and(calls('socket'), { kind: 'constant', value: false } as const);
  assert.deepEqual(outcome(policy([[allow, said]], refuse)), { reports: [], rules: [] });
});

test('a last rule that does what the default does gets a hint', () => {
  assert.deepEqual(
    outcome(
      policy(
        [
          [allow, calls('read')],
          [refuse, calls('bind')],
        ],
        refuse,
      ),
    ),
    {
      reports: ['POL5005 1: 99 decides whatever no rule decides'],
      rules: ['rule/0: allow when syscall in {read}'],
    },
  );
});

test('rules of one effect are joined over rules that share no call with them', () => {
  const { rules } = outcome(
    policy(
      [
        [allow, calls('read')],
        [kill, calls('bind')],
        [allow, calls('write')],
      ],
      refuse,
    ),
  );
  assert.deepEqual(rules, [
    'rule/0: allow when syscall in {read, write}',
    'rule/1: kill-process when syscall in {bind}',
  ]);
  const apart = outcome(
    policy(
      [
        [allow, calls('read')],
        [kill, calls('bind')],
        [allow, calls('bind', 'write')],
      ],
      refuse,
    ),
  );
  assert.equal(apart.rules.length, 3);
});

test('a path beneath another with no further right is redundant; with one it is not', () => {
  const paths = (...lines: Line[]) => outcome(policy(lines, { kind: 'deny' }, 'path', 'union-of-allows'));
  assert.deepEqual(
    paths([allow, beneath('/usr/bin', 'execute')], [allow, beneath('/usr', 'execute', 'read_file')]).reports,
    ['POL5004 0: 1 grants all of it'],
  );
  assert.deepEqual(paths([allow, beneath('/usr', 'execute')], [allow, beneath('/usr', 'execute')]).reports, [
    'POL5004 1: 0 grants all of it',
  ]);
  assert.deepEqual(paths([allow, beneath('/usr', 'read_file')], [allow, beneath('/usr/bin', 'execute')]).reports, []);
  assert.deepEqual(
    paths([allow, beneath('/usr/lib', 'execute')], [allow, beneath('/usr/library', 'execute')]).reports,
    [],
  );
  assert.deepEqual(paths([allow, beneath('/usr*', 'execute')], [allow, beneath('/usr/lib', 'execute')]).reports, [
    'POL5004 1: 0 grants all of it',
  ]);
});

run();
