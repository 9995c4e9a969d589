import { pathRules } from '../../backends/bpf-lsm/paths/lower.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import { contributors, type Decision, decisionAt, type Obligation } from '../../ir/policy.ts';
import { hookFields } from '../../tables/hook-fields.ts';
import type { Target } from '../../target.ts';
import { type CallValues, layOutCall } from './call.ts';
import { Kernel, type Task } from './kernel.ts';
import { type ComparedPart, levelWord, refusalAlone } from './later.ts';
import { run } from './machine.ts';
import type { DecodedObject, DecodedProgram } from './object.ts';
import { pathRefusal } from './path-questions.ts';
import { type Interesting, interestingValues, pick, randomNumbers } from './samples.ts';

/** EPERM, with which a refusal without an error of its own answers. */
const refused = -1;
/** With which the kernel goes on to ask others. */
const passes = 0;
/** The answer of a statement that only records. */
const recordedOnly = 1;

/**
 * Runs the program of a hook on calls of every kind that the policy's conditions tell apart, and on some of which things
 * cannot be read, beside the reference evaluator.
 *
 * @param rules the ids that records name by their indexes
 * @returns on what they differ; undefined where they agree
 */
export function compareHook(
  { policy, later, before = [] }: ComparedPart,
  object: DecodedObject,
  program: DecodedProgram,
  hook: string,
  target: Target,
  rules: readonly string[],
  calls: number,
): string | undefined {
  const decision = decisionAt(policy, 'hook');
  const kernel = new Kernel(object);
  const loaded = kernel.load(program);
  if (typeof loaded === 'string') return `${program.section} ${loaded}`;
  const own = policy.obligations.filter((each) => 'hook' in each && each.hook === hook);
  const predicates = [
    ...(decision?.rules ?? []).filter((rule) => evaluate(rule.when, environmentOf(hook, new Map())) !== false),
    ...own.filter((each) => each.kind === 'count-calls' || each.kind === 'audit-calls'),
    ...pathRules(policy, target, hook, later ? 'alone' : 'beside-landlock'),
  ].map(({ when }): Predicate => when);
  const interesting = interestingValues(predicates);
  const random = randomNumbers(hook.length * 7919 + predicates.length);
  const counts = new Map<string, { start: bigint; count: bigint }>();
  // A call that each rule has decided: around those most is to be seen.
  const bases = new Map<string, CallValues>();
  const byCgroup = program.section.startsWith('lsm_cgroup/');
  // The programs of a level let everything pass, count nothing and record nothing until its word is set.
  const waiting = later ? Math.ceil(calls / 4) : 0;
  for (let index = 0; index < calls; index += 1) {
    if (later && index === waiting) kernel.setNumber(levelWord, 1n);
    kernel.time += BigInt(Math.floor(random() * 800_000_000)) + (random() < 0.05 ? 3_600_000_000_000n : 0n);
    const fresh = sampleCall(hook, interesting, random);
    const values =
      index % 4 === 0 || bases.size === 0 ? fresh : varied(pick(random, [...bases.values()]), fresh, random);
    const known = new Map(layOutCall(kernel, target.kernel, values));
    const decides = index >= waiting;
    if (decides) count(own, hook, known, kernel.time, counts);
    const refusal = later ? refusalAlone(policy, target, hook, known) : pathRefusal(policy, target, hook, known);
    const wanted = decides
      ? wantedOf(decision, own, hook, known, rules, refusal)
      : { answer: passes, records: [], by: '' };
    bases.set(wanted.by, values);
    kernel.before = byCgroup && random() < 0.5 ? otherRefusal : 0;
    const outcome = run(loaded.code, loaded.world);
    const at = `${hook} with ${describe(known)}`;
    if (outcome.kind === 'fault') return `${at}: ${outcome.reason} (instruction ${outcome.slot})`;
    if (byCgroup && outcome.result.low === 1 && kernel.result !== undefined) {
      return `${at}: the program lets pass, and takes back what another has refused`;
    }
    const answer = byCgroup ? answerOf(outcome.result.low, kernel.result) : outcome.result.low;
    if (answer !== wanted.answer) return `${at}: the program answers ${answer}, the policy ${wanted.answer}`;
    const records = kernel.records.map(({ rule, answer: given }) => `${rules[rule] ?? rule} ${given}`).join(', ');
    if (kernel.before !== 0 && records !== wanted.records.join(', ') && isRecordedBefore(before, target, hook, known)) {
      // The refusal, which is recorded last, is in the records of the program before.
      if (/ -\d+$/.test(wanted.records.at(-1) ?? '')) wanted.records.pop();
    }
    if (records !== wanted.records.join(', ')) {
      return `${at}: the program records [${records}], the policy [${wanted.records.join(', ')}]`;
    }
  }
  return undefined;
}

/** With which another program has refused a call before. */
const otherRefusal = -13;

/** Whether a part whose programs are asked before refuses this call, as far as counters do not matter, and records that. */
function isRecordedBefore(
  before: readonly ComparedPart[],
  target: Target,
  hook: string,
  known: ReadonlyMap<string, Value | undefined>,
): boolean {
  const environment = environmentOf(hook, new Map([...known].filter(([name]) => !name.startsWith('counter:'))));
  return before.some(({ policy, later }) => {
    const decision = decisionAt(policy, 'hook');
    // What is refused for its path is not recorded.
    const path = later ? refusalAlone(policy, target, hook, known) : pathRefusal(policy, target, hook, known);
    if (decision === undefined || path !== undefined) return false;
    const verdict = decide(decision, environment);
    const deciding = verdict?.by ?? decision.rules.find(({ when }) => evaluate(when, environment) === undefined);
    const effect = verdict?.effect ?? decision.rules.find((rule) => rule === deciding)?.effect;
    return effect !== undefined && effect.kind !== 'allow' && 'audit' in effect && effect.audit === true;
  });
}

/** What the caller of the hook gets: a program of a cgroup says 1 or 0, and the result beside it (kernel/bpf/cgroup.c). */
function answerOf(result: number, set: number | undefined): number {
  if (result === 1) return passes;
  return set !== undefined && set < 0 ? set : refused;
}

function environmentOf(hook: string, known: ReadonlyMap<string, Value | undefined>) {
  return {
    attribute: (name: string): Value | undefined => (name === 'hook' ? hook : known.get(name)),
    parameter: () => undefined,
  };
}

/** Counts a call as the policy says, and adds the counts to what is known of it. */
function count(
  obligations: readonly Obligation[],
  hook: string,
  known: Map<string, Value | undefined>,
  now: bigint,
  counts: Map<string, { start: bigint; count: bigint }>,
): void {
  for (const each of obligations) {
    if (each.kind !== 'count-calls') continue;
    const counted = evaluate(each.when, environmentOf(hook, known));
    const key = `${each.counter} ${each.by.map((name) => known.get(name)).join()}`;
    const window = BigInt(each.windowMilliseconds) * 1_000_000n;
    let state = counts.get(key);
    if (state !== undefined && now - state.start >= window) state = undefined;
    if (counted === true) {
      state = { start: state?.start ?? now, count: (state?.count ?? 0n) + 1n };
      counts.set(key, state);
    }
    known.set(`counter:${each.counter}`, counted === undefined ? undefined : (state?.count ?? 0n));
  }
}

function wantedOf(
  decision: Decision | undefined,
  obligations: readonly Obligation[],
  hook: string,
  known: ReadonlyMap<string, Value | undefined>,
  rules: readonly string[],
  refusal: number | undefined,
): { readonly answer: number; readonly records: string[]; readonly by: string } {
  const environment = environmentOf(hook, known);
  const records: string[] = [];
  for (const each of obligations) {
    if (each.kind !== 'audit-calls' || evaluate(each.when, environment) === false) continue;
    records.push(`${each.id} ${recordedOnly}`);
  }
  if (refusal !== undefined) return { answer: refusal, records, by: `path ${refusal}` };
  if (decision === undefined) return { answer: passes, records, by: '' };
  const verdict = decide(decision, environment);
  const deciding =
    verdict?.by ?? decision.rules.find((rule) => evaluate(rule.when, environment) === undefined) ?? decision.otherwise;
  const effect = decision.rules.find((rule) => rule === deciding)?.effect ?? decision.otherwise.effect;
  let answer = refused;
  if (verdict?.effect.kind === 'allow') answer = passes;
  else if (verdict?.effect.kind === 'errno' && verdict.effect.errno !== 0) answer = -verdict.effect.errno;
  // Of rules of several hooks that were joined, the one of this hook is named.
  const named = contributors(deciding).find(({ id }) => new RegExp(`(^|/)hook/${hook}/`).test(id)) ?? deciding;
  if ('audit' in effect && effect.audit === true && rules.includes(named.id)) {
    records.push(`${named.id} ${verdict?.effect.kind === 'allow' ? 0 : answer}`);
  }
  return { answer, records, by: `${deciding.id} ${records.length}` };
}

function sampleCall(hook: string, interesting: Interesting, random: () => number): CallValues {
  const number = (name: string, most: number): number =>
    Number(
      BigInt.asUintN(32, pick(random, [...(interesting.numbers.get(name) ?? []), BigInt(Math.floor(random() * most))])),
    );
  const task = {
    uid: number('uid', 70_000),
    gid: number('gid', 70_000),
    pid: number('pid', 40_000),
    tid: number('tid', 40_000),
    cgroup: pick(random, [...(interesting.numbers.get('cgroup') ?? []), 0x1_0000_0007n]),
    comm: shortened(pick(random, [...(interesting.texts.get('comm') ?? []), 'bash', ''])),
  };
  const address = pick(random, interesting.addresses);
  const six = address.includes(':');
  // Something that is no IP address, an IPv4 address in either form, and IPv6.
  const family = random() < 0.1 ? 1n : six ? 10n : pick(random, [2n, 2n, 10n, 0n]);
  const fields = hookFields(hook)
    .filter(
      ({ read, name }) =>
        read.from === 'sockaddr' ||
        (read.from === 'argument' && (interesting.numbers.has(name) || interesting.texts.has(name))),
    )
    .map((field) => {
      const { read, name } = field;
      if (read.from === 'sockaddr') {
        const value = read.what === 'family' ? family : read.what === 'port' ? BigInt(number(name, 65_536)) : address;
        return { field, value: read.what === 'address' && family === 1n ? undefined : value };
      }
      if (field.type === 'boolean') {
        return { field, value: 'isNull' in read && read.isNull === true ? random() < 0.2 : random() < 0.5 };
      }
      if (field.type === 'string' || field.type === 'path') {
        const texts = interesting.texts.get(name) ?? ['/a', 'a'];
        return { field, value: random() < 0.05 ? undefined : pick(random, texts) };
      }
      const scalar = 'members' in read && read.members.length === 0;
      const values = [...(interesting.numbers.get(name) ?? [0n]), BigInt(Math.floor(random() * 1000))];
      const value = BigInt.asUintN(field.bits ?? 64, pick(random, values));
      return { field, value: !scalar && random() < 0.02 ? undefined : value };
    })
    .sort((left, right) => order(left.field.read) - order(right.field.read));
  return { task, fields };
}

/** The call with one thing as another has it, or with all that belongs to an address. */
function varied(call: CallValues, other: CallValues, random: () => number): CallValues {
  const fields = call.fields.length;
  const chosen = Math.floor(random() * (fields + 2));
  if (chosen >= fields) {
    const names = Object.keys(call.task) as (keyof Task)[];
    const name = pick(random, names);
    return { ...call, task: { ...call.task, [name]: other.task[name] } };
  }
  // Family and address belong together; the port goes with any.
  const belongs = ({ field: { read } }: CallValues['fields'][number]) =>
    read.from === 'sockaddr' && read.what !== 'port';
  const together = belongs(call.fields[chosen]!);
  return {
    ...call,
    fields: call.fields.map((each, index) =>
      index === chosen || (together && belongs(each)) ? other.fields[index]! : each,
    ),
  };
}

/** The family of an address says how the rest of it is laid out. */
function order(read: { readonly from: string; readonly what?: string }): number {
  return read.from === 'sockaddr' && read.what !== 'family' ? 1 : 0;
}

/** A name of a task has at most 15 bytes, whole characters of them here. */
function shortened(text: string): string {
  let short = text;
  while (new TextEncoder().encode(short).length > 15) short = short.slice(0, -1);
  return short;
}

function describe(known: ReadonlyMap<string, Value | undefined>): string {
  return [...known].map(([name, value]) => `${name}=${value === undefined ? '?' : String(value)}`).join(' ');
}
