import type { Artifact, Validation } from '../backends/backend.ts';
import { startupCalls } from '../backends/oci/startup-calls.ts';
import type { Predicate } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import { type Decision, decisionAt, type Effect, type Policy } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import { capabilityNames } from '../tables/capabilities.ts';
import { syscallNames, syscallNumber } from '../tables/syscalls.ts';
import type { Target } from '../target.ts';
import { field, items, OciDifference, parseExact } from './oci-reader.ts';
import { compareSettings } from './oci-settings.ts';

const machines: Readonly<Record<string, readonly Architecture[]>> = {
  x86_64: ['x86_64', 'x86', 'x32'],
  aarch64: ['aarch64', 'arm'],
  riscv64: ['riscv64'],
};

const tokens: Readonly<Record<string, Architecture>> = {
  SCMP_ARCH_X86_64: 'x86_64',
  SCMP_ARCH_X86: 'x86',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_AARCH64: 'aarch64',
  SCMP_ARCH_ARM: 'arm',
  SCMP_ARCH_RISCV64: 'riscv64',
};

/**
 * Reads each `config.json` as an OCI runtime does and compares it with the policy: the verdict of every call that Linux
 * has, at argument vectors around every constant that policy or artifact names; and every other setting as a value.
 */
export function validateOci(policy: Policy, target: Target, artifacts: readonly Artifact[]): Validation {
  const method = 'every call at argument vectors around every constant; every setting read back';
  let compared = 0;
  try {
    const additions = parseExact(contentOf(artifacts, 'additions.json'));
    const configs = artifacts.filter(({ path }) => /(^|\/)(config|rootless)\.json$/.test(path));
    if (!configs.some(({ path }) => path === 'config.json')) throw new OciDifference('config.json is missing');
    const reached = new Set<string>();
    const filters = new Set<string>();
    for (const { path } of configs) {
      const config = parseExact(contentOf(artifacts, path));
      const rootless = path.endsWith('rootless.json');
      compared += compareSettings(policy, config, rootless, capabilityNames());
      const decision = decisionAt(policy, 'syscall');
      const seccomp = field(field(config, 'linux'), 'seccomp');
      if ((decision === undefined) !== (seccomp === undefined)) throw new OciDifference(`${path}: seccomp`);
      if (decision === undefined) continue;
      // The rootless file usually holds the very filter that was just compared.
      const text = JSON.stringify(seccomp);
      if (filters.has(text)) continue;
      compared += compareSeccomp(decision, seccomp, additions, target, path, reached);
      filters.add(text);
    }
    for (const architecture of decisionAt(policy, 'syscall') === undefined ? [] : target.architectures) {
      if (!reached.has(architecture) && !refusedWhole(decisionAt(policy, 'syscall')!, architecture)) {
        throw new OciDifference(`no file is for ${architecture}`);
      }
    }
    return { status: 'tested', method, compared };
  } catch (problem) {
    if (!(problem instanceof OciDifference)) throw problem;
    return { status: 'refused', method, compared, counterexample: problem.message };
  }
}

function contentOf(artifacts: readonly Artifact[], path: string): string {
  const artifact = artifacts.find((candidate) => candidate.path === path);
  if (artifact === undefined) throw new OciDifference(`${path} is missing`);
  return typeof artifact.content === 'string' ? artifact.content : new TextDecoder().decode(artifact.content);
}

function refusedWhole(decision: Decision, arch: Architecture): boolean {
  const attribute = (name: string) => (name === 'arch' ? arch : undefined);
  return decide(decision, { attribute, parameter: () => undefined })?.effect.kind.startsWith('kill') === true;
}

interface ReadRule {
  readonly action: string;
  readonly args: readonly ReadArgument[];
}

interface ReadArgument {
  readonly index: number;
  readonly op: string;
  readonly value: bigint;
  readonly valueTwo: bigint;
}

function compareSeccomp(
  decision: Decision,
  seccomp: unknown,
  additionsFile: unknown,
  target: Target,
  path: string,
  reached: Set<string>,
): number {
  const architectures = items(field(seccomp, 'architectures')).map((token) => {
    const architecture = tokens[String(token)];
    if (architecture === undefined || !target.architectures.includes(architecture)) {
      throw new OciDifference(`${path}: the architecture ${String(token)}`);
    }
    reached.add(architecture);
    return architecture;
  });
  const machine = Object.keys(machines).find((name) => machines[name]!.includes(architectures[0]!));
  if (machine === undefined) throw new OciDifference(`${path}: no architectures`);
  const byDefault = actionOf(seccomp, 'defaultAction', 'defaultErrnoRet');
  const rules = new Map<string, ReadRule[]>();
  for (const entry of items(field(seccomp, 'syscalls'))) {
    const rule = {
      action: actionOf(entry, 'action', 'errnoRet'),
      args: items(field(entry, 'args') ?? []).map(readArgument),
    };
    for (const name of items(field(entry, 'names'))) {
      const list = rules.get(String(name)) ?? [];
      list.push(rule);
      rules.set(String(name), list);
    }
  }
  const added = new Set<string>();
  const needed = new Set(startupCalls.map(({ name }) => name));
  for (const addition of items(field(field(additionsFile, 'seccomp'), machine))) {
    const call = String(field(addition, 'call'));
    if (field(addition, 'action') === 'SCMP_ACT_ALLOW' && needed.has(call)) added.add(call);
  }
  const stricter = new Set(items(field(field(additionsFile, 'stricter'), machine)).map(String));
  const candidates = argumentCandidates(decision, rules);
  let compared = 0;
  for (const name of namesToCompare(decision, rules)) {
    const told = rules.get(name) ?? [];
    for (const arch of architectures) {
      if (name !== '#unnamed' && syscallNumber(arch, name) === undefined) continue;
      for (const vector of vectorsFor(decision, told, candidates)) {
        compared += 1;
        const found = added.has(name) ? permitted(name, told, path) : verdictOf(told, byDefault, vector, arch);
        if (added.has(name)) continue;
        const wanted = policyVerdict(decision, arch, name, vector);
        if (found === wanted) continue;
        if (stricter.has(name) && (!lets(found) || lets(wanted))) continue;
        if (lossyWords(arch, told)) continue;
        const args = vector.map((argument) => `0x${argument.toString(16)}`).join(', ');
        throw new OciDifference(
          `${path}: ${name}(${args}) on ${arch}: the artifact says ${found}, the policy ${wanted}`,
        );
      }
    }
  }
  return compared;
}

function lets(action: string): boolean {
  return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG';
}

/**
 * The calls that either side names and one that stands for all others: predicates know names by equality alone, so
 * neither side can tell the others apart. With a pattern over names, every call that Linux has.
 */
function namesToCompare(decision: Decision, rules: ReadonlyMap<string, unknown>): Iterable<string> {
  const names = new Set<string>(rules.keys());
  const plain = decision.rules.every((rule) => addNames(rule.when, names));
  return [...(plain ? names : syscallNames()), '#unnamed'];
}

/** Adds the strings that the predicate compares with; false where it holds a pattern. */
function addNames(predicate: Predicate, names: Set<string>): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.every((operand) => addNames(operand, names));
    case 'not':
      return addNames(predicate.of, names);
    case 'in-set':
      for (const name of predicate.values) names.add(name);
      return true;
    case 'compare': {
      for (const term of [predicate.left, predicate.right]) {
        if (term.kind === 'literal' && typeof term.value === 'string') names.add(term.value);
      }
      return predicate.operator === '==' || predicate.operator === '!=' || integers(predicate);
    }
    case 'glob':
      return false;
    case 'constant':
    case 'in-ranges':
    case 'beneath':
    case 'in-network':
      return true;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

function integers({ left, right }: Predicate & { readonly kind: 'compare' }): boolean {
  return [left, right].every((term) => term.kind !== 'attribute' || term.name.startsWith('arg'));
}

/** What an addition must be: let through, whatever the arguments. */
function permitted(name: string, told: readonly ReadRule[], path: string): string {
  if (told.length !== 1 || told[0]!.args.length > 0 || told[0]!.action !== 'SCMP_ACT_ALLOW') {
    throw new OciDifference(`${path}: ${name} is said to be added and is not`);
  }
  return told[0]!.action;
}

/** libseccomp compares low words only here, which the coverage says; the seccomp backend holds these calls. */
function lossyWords(arch: Architecture, told: readonly ReadRule[]): boolean {
  if (arch === 'x32') return told.some(({ args }) => args.length > 0);
  if (arch !== 'x86' && arch !== 'arm') return false;
  return told.some(({ args }) =>
    args.some(({ op, value, valueTwo }) => (op === 'SCMP_CMP_MASKED_EQ' ? valueTwo : value) > 0xffff_ffffn),
  );
}

function actionOf(holder: unknown, action: string, errno: string): string {
  const number = field(holder, errno);
  return number === undefined ? String(field(holder, action)) : `${String(field(holder, action))} ${String(number)}`;
}

function readArgument(argument: unknown): ReadArgument {
  return {
    index: Number(field(argument, 'index')),
    op: String(field(argument, 'op')),
    value: BigInt(String(field(argument, 'value') ?? 0)),
    valueTwo: BigInt(String(field(argument, 'valueTwo') ?? 0)),
  };
}

/** An unconditional rule replaces every other of its call; else the first that holds, and two that hold must agree. */
function verdictOf(
  told: readonly ReadRule[],
  byDefault: string,
  vector: readonly bigint[],
  arch: Architecture,
): string {
  const holding = told.filter(({ args }) => args.every((argument) => compares(argument, vector, arch)));
  const actions = new Set(holding.map(({ action }) => action));
  if (actions.size > 1) throw new OciDifference(`two rules of one call disagree: ${[...actions].join(', ')}`);
  return holding[0]?.action ?? byDefault;
}

function compares(
  { index, op, value, valueTwo }: ReadArgument,
  vector: readonly bigint[],
  arch: Architecture,
): boolean {
  const low = (word: bigint) => (arch === 'x32' || arch === 'x86' || arch === 'arm' ? word & 0xffff_ffffn : word);
  const argument = low(vector[index] ?? 0n);
  switch (op) {
    case 'SCMP_CMP_EQ':
      return argument === low(value);
    case 'SCMP_CMP_NE':
      return argument !== low(value);
    case 'SCMP_CMP_LT':
      return argument < low(value);
    case 'SCMP_CMP_LE':
      return argument <= low(value);
    case 'SCMP_CMP_GT':
      return argument > low(value);
    case 'SCMP_CMP_GE':
      return argument >= low(value);
    case 'SCMP_CMP_MASKED_EQ':
      return (argument & low(value)) === low(valueTwo);
    default:
      throw new OciDifference(`the operator ${op}`);
  }
}

function policyVerdict(decision: Decision, arch: Architecture, syscall: string, vector: readonly bigint[]): string {
  const narrow = arch === 'x86' || arch === 'arm';
  const verdict = decide(decision, {
    attribute(name) {
      if (name === 'arch') return arch;
      if (name === 'syscall') return syscall;
      if (name === 'newer') return false;
      const value = vector[Number(name.slice(3))];
      return narrow && value !== undefined ? value & 0xffff_ffffn : value;
    },
    parameter: () => undefined,
  });
  return verdict === undefined ? 'undecided before the launch' : spelled(verdict.effect);
}

function spelled(effect: Effect): string {
  switch (effect.kind) {
    case 'allow':
      return 'SCMP_ACT_ALLOW';
    case 'log':
      return 'SCMP_ACT_LOG';
    case 'errno':
      return `SCMP_ACT_ERRNO ${effect.errno}`;
    case 'notify':
      return 'SCMP_ACT_ERRNO 38'; // ENOSYS, as the kernel answers without a listener
    case 'trap':
      return 'SCMP_ACT_TRAP';
    case 'trace':
      return `SCMP_ACT_TRACE ${effect.data}`;
    case 'kill-thread':
      return 'SCMP_ACT_KILL_THREAD';
    case 'deny':
    case 'kill-process':
      return 'SCMP_ACT_KILL_PROCESS';
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

const mostCandidates = 48;
const highest = (1n << 64n) - 1n;

/** For each argument, the values around every constant that the policy or the artifact compares it with. */
function argumentCandidates(decision: Decision, rules: ReadonlyMap<string, readonly ReadRule[]>): readonly bigint[][] {
  const values = Array.from({ length: 6 }, () => new Set<bigint>([0n, highest]));
  const around = (index: number, value: bigint) => {
    for (const near of [value - 1n, value, value + 1n, value ^ (1n << 32n)]) {
      if (near >= 0n && near <= highest) values[index]?.add(near);
    }
  };
  for (const rule of decision.rules) constantsIn(rule.when, around);
  // The artifact's constants come second and are bounded: prefixes of one range are many, and their corners few.
  for (const rule of new Set([...rules.values()].flat())) {
    if (values.some((set) => set.size > mostCandidates)) break;
    for (const { index, op, value, valueTwo } of rule.args) {
      around(index, op === 'SCMP_CMP_MASKED_EQ' ? valueTwo : value);
      if (op === 'SCMP_CMP_MASKED_EQ') around(index, value);
    }
  }
  return values.map((set) => [...set].sort((left, right) => (left < right ? -1 : 1)));
}

function constantsIn(predicate: Predicate, around: (index: number, value: bigint) => void): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) constantsIn(operand, around);
      return;
    case 'not':
      constantsIn(predicate.of, around);
      return;
    case 'compare':
      for (const [term, other] of [
        [predicate.left, predicate.right],
        [predicate.right, predicate.left],
      ] as const) {
        const inner = term.kind === 'mask' ? term.term : term;
        if (inner.kind !== 'attribute' || !inner.name.startsWith('arg')) continue;
        const index = Number(inner.name.slice(3));
        if (other.kind === 'literal' && typeof other.value === 'bigint') around(index, other.value);
        if (term.kind === 'mask') around(index, term.mask);
      }
      return;
    case 'in-ranges': {
      const inner = predicate.term.kind === 'mask' ? predicate.term.term : predicate.term;
      if (inner.kind !== 'attribute' || !inner.name.startsWith('arg')) return;
      for (const { low, high } of predicate.ranges) {
        around(Number(inner.name.slice(3)), low);
        around(Number(inner.name.slice(3)), high);
      }
      return;
    }
    case 'constant':
    case 'in-set':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return;
    default:
      predicate satisfies never;
  }
}

/**
 * One vector where neither side looks at arguments; otherwise every candidate of each argument beside a fixed mixture of
 * the other arguments' candidates, so that conjunctions meet true and false operands in turn.
 */
function vectorsFor(
  decision: Decision,
  told: readonly ReadRule[],
  candidates: readonly (readonly bigint[])[],
): readonly (readonly bigint[])[] {
  const constrained = candidates.some((values) => values.length > 2);
  if (
    !constrained ||
    (told.every(({ args }) => args.length === 0) && decision.rules.every((rule) => !looks(rule.when)))
  ) {
    return [[0n, 0n, 0n, 0n, 0n, 0n]];
  }
  if (told.every(({ args }) => args.length === 0)) return corners(candidates, 4);
  return corners(candidates, 64);
}

function corners(candidates: readonly (readonly bigint[])[], mixtures: number): readonly (readonly bigint[])[] {
  const vectors: bigint[][] = [];
  for (let mixture = 0; mixture < mixtures; mixture += 1) {
    vectors.push(candidates.map((values, at) => values[(mixture * (2 * at + 1) + (mixture >> 3)) % values.length]!));
  }
  if (mixtures < 64) return vectors;
  for (const [at, values] of candidates.entries()) {
    for (const value of values) {
      for (let base = 0; base < 4; base += 1) vectors.push(vectors[(base * 17) % mixtures]!.with(at, value));
    }
  }
  return vectors;
}

function looks(predicate: Predicate): boolean {
  let found = false;
  constantsIn(predicate, () => {
    found = true;
  });
  return found;
}
