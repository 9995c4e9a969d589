import fc from 'fast-check';
import type { Value } from '../../compiler/expressions/predicate.ts';
import type { HookCall } from '../../compiler/hook-programs/evaluate.ts';

/**
 * Random hook programs with a meaning of their own: each condition holds its text and a function of a call, written without
 * anything of the compiler's. `undefined` is what is not known.
 */
export interface Condition {
  readonly text: string;
  holds(call: Facts): boolean | undefined;
}

/** What is known of a call: its fields, and the counts of the counters that may be asked. */
export type Facts = Readonly<Record<string, Value | undefined>>;

export interface Verdict {
  readonly text: string;
  /** 0 lets pass. */
  readonly errno: number;
  readonly audit: boolean;
}

export interface Counter {
  readonly name: string;
  readonly by: readonly string[];
  readonly seconds: number;
  readonly when: Condition | undefined;
}

export interface Program {
  readonly hook: string;
  readonly counters: readonly Counter[];
  readonly rules: readonly { readonly verdict: Verdict; readonly when: Condition | undefined }[];
  readonly audits: readonly Condition[];
  readonly otherwise: Verdict | undefined;
}

type Pools = Readonly<Record<string, readonly Value[]>>;

const paths = [
  '/etc/passwd',
  '/etc/ssh/key',
  '/etc',
  '/tmp',
  '/tmp/a',
  '/tmp/a/b',
  '/home/ann/.ssh/id_rsa',
  '/',
  '/usr/lib/x.so',
];
const patterns = [
  '/etc',
  '/etc/*',
  '/tmp',
  '/tmp/?',
  '/home/*/.ssh',
  '/home/*/.ssh/id_*',
  '/*',
  '/usr/lib/*.so',
  '/*/*/*',
];
const names = ['python3', 'sh', 'a', 'passwd', 'id_rsa', ''];
const globs = ['*', 'py*', '*3', '?', 'id_?s*', 'sh', '*a*'];
const addresses = ['10.1.2.3', '10.0.0.1', '127.0.0.1', '192.168.7.7', '::1', '2001:db8::7', '::ffff:10.9.9.9'];
/** Blocks with the addresses above that lie in them. */
const blocks: readonly (readonly [block: string, within: readonly string[]])[] = [
  ['10.0.0.0/8', ['10.1.2.3', '10.0.0.1', '::ffff:10.9.9.9']],
  ['10.0.0.1', ['10.0.0.1']],
  ['0.0.0.0/0', ['10.1.2.3', '10.0.0.1', '127.0.0.1', '192.168.7.7', '::ffff:10.9.9.9']],
  ['::/0', ['::1', '2001:db8::7']],
  ['2001:db8::/32', ['2001:db8::7']],
];

/** The hooks of random programs: what their calls hold. Numbers that are negative in the kernel are written so here. */
const hooks: Readonly<Record<string, Pools>> = {
  file_open: {
    path: paths,
    flags: [0n, 1n, 2n, 0x40n, 0x241n, 0x80000n],
    owner: [0n, 1000n, 65534n],
    uid: [0n, 1000n, 1001n],
    comm: names,
    pid: [1n, 7n],
  },
  socket_connect: {
    family: [0n, 1n, 2n, 10n],
    port: [22n, 53n, 443n, 65535n],
    address: addresses,
    uid: [0n, 1000n],
    pid: [1n, 7n],
  },
  mmap_file: { anonymous: [true, false], prot: [1n, 3n, 4n, 7n], path: paths, comm: names, uid: [0n, 5n], pid: [1n] },
  path_rename: { old_path: paths, new_path: paths, flags: [0n, 1n, 2n], uid: [0n, 1000n], pid: [1n, 7n] },
  path_chmod: { path: paths, place: paths, name: names, uid: [0n, 5n], pid: [1n] },
  task_setnice: { nice: [-20n, -1n, 0n, 1n, 19n], target_comm: names, uid: [0n, 1000n], pid: [1n, 7n] },
  task_alloc: { clone_flags: [0n, 0x10000n, 0x3d0f00n], uid: [0n, 1000n], gid: [0n], comm: names, pid: [1n, 7n] },
};

/** Fields that some calls have not: a comparison with them does not hold there. */
const missing: Readonly<Record<string, (call: Facts) => boolean | undefined>> = {
  'socket_connect/port': isInternet,
  'socket_connect/address': isInternet,
  'mmap_file/path': ({ anonymous }) => (anonymous === undefined ? undefined : !anonymous),
};

function isInternet({ family }: Facts): boolean | undefined {
  return family === undefined ? undefined : family === 0n || family === 2n || family === 10n;
}

export const program: fc.Arbitrary<Program> = fc.constantFrom(...Object.keys(hooks)).chain((hook) => {
  const counters = fc.uniqueArray(counterOf(hook), { maxLength: 2, selector: ({ name }) => name });
  return counters.chain((declared) => {
    const when = conditionOf(
      hook,
      declared.map(({ name }) => name),
    );
    return fc.record({
      hook: fc.constant(hook),
      counters: fc.constant(declared),
      rules: fc.array(fc.record({ verdict, when: fc.option(when, { nil: undefined, freq: 8 }) }), { maxLength: 6 }),
      audits: fc.array(when, { maxLength: 2 }),
      otherwise: fc.option(verdict, { nil: undefined }),
    });
  });
});

const verdict: fc.Arbitrary<Verdict> = fc
  .tuple(
    fc.constantFrom<readonly [string, number]>(['allow', 0], ['deny', 1], ['errno EACCES', 13], ['errno 30', 30]),
    fc.boolean(),
  )
  .map(([[text, errno], audit]) => ({ text: `${audit ? 'audit ' : ''}${text}`, errno, audit }));

function counterOf(hook: string): fc.Arbitrary<Counter> {
  const keys = ['uid', 'pid'].filter((key) => Object.hasOwn(hooks[hook]!, key));
  return fc.record({
    name: fc.constantFrom('often', 'seen'),
    by: fc.subarray(keys),
    seconds: fc.integer({ min: 1, max: 5 }),
    when: fc.option(conditionOf(hook, []), { nil: undefined }),
  });
}

function conditionOf(hook: string, counters: readonly string[]): fc.Arbitrary<Condition> {
  return fc.letrec<{ any: Condition; leaf: Condition }>((tie) => ({
    leaf: fc.oneof(
      ...Object.keys(hooks[hook]!).map((field) => comparisonOf(hook, field)),
      ...counters.map((name) => ordered(name, [1n, 2n, 3n], () => true)),
    ),
    any: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      tie('leaf'),
      fc.array(tie('any'), { minLength: 2, maxLength: 3 }).map((of) => joined('||', of)),
      fc.array(tie('any'), { minLength: 2, maxLength: 3 }).map((of) => joined('&&', of)),
      tie('any').map(
        (of): Condition => ({
          text: `!(${of.text})`,
          holds: (call) => {
            const answer = of.holds(call);
            return answer === undefined ? undefined : !answer;
          },
        }),
      ),
    ),
  })).any;
}

function joined(operator: '||' | '&&', of: readonly Condition[]): Condition {
  return {
    text: of.map(({ text }) => `(${text})`).join(` ${operator} `),
    holds: (call) => {
      const answers = of.map(({ holds }) => holds(call));
      if (operator === '||') return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
      return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
    },
  };
}

/** A test of a field, which does not hold where the call has none. */
function tested(hook: string, field: string, text: string, test: (value: Value) => boolean): Condition {
  const has = missing[`${hook}/${field}`] ?? (() => true);
  return {
    text,
    holds: (call) => {
      const there = has(call);
      if (there === false) return false;
      const value = call[field];
      const answer = value === undefined ? undefined : test(value);
      return answer === false ? false : there === undefined ? undefined : answer;
    },
  };
}

function comparisonOf(hook: string, field: string): fc.Arbitrary<Condition> {
  const pool = hooks[hook]![field]!;
  if (pool === paths) return pathTest(hook, field);
  if (field === 'address') {
    return fc
      .uniqueArray(fc.constantFrom(...blocks), { minLength: 1, maxLength: 2 })
      .map((some) =>
        tested(hook, field, `address in [${some.map(([block]) => `"${block}"`).join(', ')}]`, (value) =>
          some.some(([, within]) => within.includes(String(value))),
        ),
      );
  }
  if (field === 'anonymous') return fc.constant(tested(hook, field, 'anonymous', (value) => value === true));
  if (typeof pool[0] === 'string') return textTest(hook, field);
  if (field === 'flags' || field === 'prot' || field === 'clone_flags') return masked(hook, field, pool as bigint[]);
  return fc.oneof(
    ordered(field, pool as bigint[], missing[`${hook}/${field}`] ?? (() => true)),
    fc
      .uniqueArray(fc.constantFrom(...(pool as bigint[])), { minLength: 1, maxLength: 3 })
      .map((some) =>
        tested(hook, field, `${field} in [${some.join(', ')}]`, (value) => some.includes(value as bigint)),
      ),
    fc.tuple(fc.constantFrom(...(pool as bigint[])), fc.bigInt({ min: 0n, max: 9n })).map(([low, more]) => {
      const high = low + more > 65535n ? low : low + more;
      return tested(
        hook,
        field,
        `${field} in ${low}..${high}`,
        (value) => (value as bigint) >= low && (value as bigint) <= high,
      );
    }),
  );
}

function ordered(field: string, pool: readonly bigint[], has: (call: Facts) => boolean | undefined) {
  const operators: Readonly<Record<string, (left: bigint, right: bigint) => boolean>> = {
    '==': (left, right) => left === right,
    '!=': (left, right) => left !== right,
    '<': (left, right) => left < right,
    '<=': (left, right) => left <= right,
    '>': (left, right) => left > right,
    '>=': (left, right) => left >= right,
  };
  return fc.tuple(fc.constantFrom(...Object.keys(operators)), fc.constantFrom(...pool)).map(
    ([operator, number]): Condition => ({
      text: `${field} ${operator} ${number}`,
      holds: (call) => {
        const there = has(call);
        if (there === false) return false;
        const value = call[field] as bigint | undefined;
        const answer = value === undefined ? undefined : operators[operator]!(value, number);
        return answer === false ? false : there === undefined ? undefined : answer;
      },
    }),
  );
}

function masked(hook: string, field: string, pool: readonly bigint[]): fc.Arbitrary<Condition> {
  return fc
    .tuple(fc.constantFrom(1n, 3n, 0x40n, 0x10000n, 7n), fc.constantFrom(...pool), fc.constantFrom('==', '!='))
    .map(([mask, value, operator]) => {
      const wanted = value & mask;
      return tested(hook, field, `${field} & 0x${mask.toString(16)} ${operator} 0x${wanted.toString(16)}`, (read) =>
        operator === '==' ? ((read as bigint) & mask) === wanted : ((read as bigint) & mask) !== wanted,
      );
    });
}

function textTest(hook: string, field: string): fc.Arbitrary<Condition> {
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('==', '!='), fc.constantFrom(...names))
      .map(([operator, name]) =>
        tested(hook, field, `${field} ${operator} "${name}"`, (value) => (value === name) === (operator === '==')),
      ),
    fc
      .constantFrom(...globs)
      .map((glob) => tested(hook, field, `${field} like "${glob}"`, (value) => expression(glob).test(String(value)))),
  );
}

function pathTest(hook: string, field: string): fc.Arbitrary<Condition> {
  return fc.oneof(
    fc.constantFrom(...paths).map((path) => tested(hook, field, `${field} == "${path}"`, (value) => value === path)),
    fc
      .constantFrom(...patterns)
      .map((pattern) =>
        tested(
          hook,
          field,
          `${field} like "${pattern}"`,
          (value) => value !== '/' && expression(pattern).test(String(value)),
        ),
      ),
    fc.constantFrom('/', ...patterns).map((pattern) =>
      tested(hook, field, `${field} beneath "${pattern}"`, (value) => {
        // The root has no component that a star could stand for.
        if (value === '/') return pattern === '/';
        const deeper = pattern === '/' ? '^/' : `${expression(pattern).source.slice(0, -1)}(/|$)`;
        return new RegExp(deeper).test(String(value));
      }),
    ),
  );
}

/** A star and a question mark do not cross a slash. */
function expression(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
}

/** Calls of the hook in the order of time; of some fields nothing is known. */
export function callsOf(hook: string): fc.Arbitrary<readonly HookCall[]> {
  const pools = hooks[hook]!;
  const fields = fc.record(
    Object.fromEntries(
      Object.entries(pools).map(([name, pool]) => [
        name,
        fc.option(fc.constantFrom<Value | undefined>(...pool), { nil: undefined, freq: 30 }),
      ]),
    ),
  );
  return fc.array(fc.tuple(fields, fc.integer({ min: 0, max: 2500 })), { minLength: 1, maxLength: 12 }).map((some) => {
    let at = 0;
    return some.map(([known, later]) => {
      at += later;
      const present = Object.entries(known).filter((entry): entry is [string, Value] => entry[1] !== undefined);
      return { hook, at, fields: Object.fromEntries(present) };
    });
  });
}

export function programText({ hook, counters, rules, audits, otherwise }: Program): string {
  const when = (condition: Condition | undefined) => (condition === undefined ? '' : ` when ${condition.text}`);
  return [
    `hook ${hook}`,
    ...counters.map(
      (counter) =>
        `  counter ${counter.name}${counter.by.length === 0 ? '' : ` by ${counter.by.join(', ')}`} per ${counter.seconds}s${when(counter.when)}`,
    ),
    ...rules.map((rule) => `  ${rule.verdict.text}${when(rule.when)}`),
    ...audits.map((audit) => `  audit${when(audit)}`),
    ...(otherwise === undefined ? [] : [`  otherwise ${otherwise.text}`]),
    '',
  ].join('\n');
}

export interface NaiveAnswer {
  /** The errno; 0 lets pass. */
  readonly errno: number;
  /** How often the call is recorded. */
  readonly recorded: number;
}

/** The meaning of a program over a trace, rule by rule. */
export function naive(program: Program, calls: readonly HookCall[]): readonly NaiveAnswer[] {
  const windows = new Map<string, { since: number; count: bigint }>();
  return calls.map(({ fields, at }) => {
    const counts: Record<string, bigint | undefined> = {};
    for (const { name, by, seconds, when } of program.counters) {
      const counted = when === undefined ? true : when.holds(fields);
      if (counted === undefined || by.some((key) => fields[key] === undefined)) continue;
      const key = `${name} ${by.map((each) => fields[each]).join(' ')}`;
      const last = windows.get(key);
      const within = last !== undefined && at < last.since + seconds * 1000;
      if (counted) windows.set(key, within ? { ...last, count: last.count + 1n } : { since: at, count: 1n });
      counts[name] = counted ? windows.get(key)!.count : within ? last.count : 0n;
    }
    const facts = { ...fields, ...counts };
    const audits = program.audits.filter(({ holds }) => holds(facts) !== false).length;
    for (const { verdict: said, when } of program.rules) {
      const holds = when === undefined ? true : when.holds(facts);
      if (holds === undefined) return { errno: 1, recorded: audits };
      if (holds) return { errno: said.errno, recorded: audits + Number(said.audit) };
    }
    const last = program.otherwise;
    return { errno: last?.errno ?? 0, recorded: audits + Number(last?.audit === true) };
  });
}

/** The calls as the kernel has them: a negative number is the unsigned one of the same 32 bits. */
export function asRead(calls: readonly HookCall[]): readonly HookCall[] {
  return calls.map((call) => ({
    ...call,
    fields: Object.fromEntries(
      Object.entries(call.fields).map(([name, value]) => [
        name,
        typeof value === 'bigint' && value < 0n ? BigInt.asUintN(32, value) : value,
      ]),
    ),
  }));
}
