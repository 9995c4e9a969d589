import type { Artifact, Surroundings, Validation } from '../backends/backend.ts';
import { startupCalls } from '../backends/oci/startup-calls.ts';
import { decide } from '../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../ir/policy.ts';
import { nodeIdentity } from '../memory/identity.ts';
import { type Memory, Remembered } from '../memory/remembered.ts';
import type { Architecture } from '../tables/architectures.ts';
import { syscallNumber } from '../tables/syscalls.ts';
import type { Target } from '../target.ts';
import { type CallPartition, partitionOf, unnamed } from './oci-calls.ts';
import { type ReadRule, readFilter } from './oci-filter.ts';
import { FilterProof } from './oci-proof.ts';
import { field, items, OciDifference, parseExact } from './oci-reader.ts';
import { compareCommon, compareLinux, expectedSettings } from './oci-settings.ts';

const machines: Readonly<Record<string, readonly Architecture[]>> = {
  x86_64: ['x86_64', 'x86', 'x32'],
  aarch64: ['aarch64', 'arm'],
  riscv64: ['riscv64'],
};

/**
 * Reads each `config.json` as an OCI runtime does and compares it with the policy: what becomes of every call that Linux
 * has, over all arguments; and every other setting as a value. Calls that neither side tells apart are compared once.
 */
export function validateOci(
  policy: Policy,
  target: Target,
  artifacts: readonly Artifact[],
  { memory }: Pick<Surroundings, 'memory'> = {},
): Validation {
  const method = 'every call over all arguments, in decision diagrams; every setting read back';
  let compared = 0;
  try {
    const additions = contentOf(artifacts, 'additions.json');
    const configs = artifacts.filter(({ path }) => /(^|\/)(config|rootless)\.json$/.test(path));
    if (!configs.some(({ path }) => path === 'config.json')) throw new OciDifference('config.json is missing');
    const decision = decisionAt(policy, 'syscall');
    const expected = expectedSettings(policy);
    const judge = decision === undefined ? undefined : filterJudge(decision, additions, target, memory);
    if (judge === undefined) parseExact(additions);
    let lossy = false;
    const reached = new Set<Architecture>();
    // Files share most of their text, by machine and by kind: each part is read once.
    const commons = new Map<string, number>();
    const linuxes = [new Set<string>(), new Set<string>()] as const;
    const seen = new Set<string>();
    for (const { path } of configs) {
      const { common, linux, filter } = splitConfig(contentOf(artifacts, path));
      if (!commons.has(common)) {
        commons.set(common, compareCommon(policy, expected, parseExact(`${common}${linuxKey} null}`)));
      }
      const rootless = path.endsWith('rootless.json');
      const known = linuxes[rootless ? 1 : 0];
      if (!known.has(linux)) {
        const part = onlyField(parseExact(`{${linux}`), 'linux', path);
        known.add(linux);
        compared += commons.get(common)! + compareLinux(policy, expected, part, rootless);
      }
      if ((judge === undefined) !== (filter === undefined)) throw new OciDifference(`${path}: seccomp`);
      if (judge === undefined || filter === undefined || seen.has(filter)) continue;
      const verdict = judge(filter, path);
      compared += verdict.compared;
      lossy ||= verdict.lossy;
      for (const architecture of verdict.architectures) reached.add(architecture);
      seen.add(filter);
    }
    for (const architecture of decision === undefined ? [] : target.architectures) {
      if (!reached.has(architecture) && !refusedWhole(decision!, architecture)) {
        throw new OciDifference(`no file is for ${architecture}`);
      }
    }
    return { status: lossy ? 'tested' : 'proven', method, compared };
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

const linuxKey = '"linux":';
const filterKey = '"seccomp":';

/**
 * The text before the field `linux`, that field without its filter, and the filter with what follows it. `linux` must be
 * the last field and `linux.seccomp` the last in it: otherwise a part, closed, is no JSON or has more in it than it may.
 */
function splitConfig(text: string): {
  readonly common: string;
  readonly linux: string;
  readonly filter: string | undefined;
} {
  const linux = text.indexOf(linuxKey);
  if (linux < 0) throw new OciDifference('linux is missing');
  const filter = text.indexOf(filterKey, linux);
  return {
    common: text.slice(0, linux),
    linux: filter < 0 ? text.slice(linux) : `${text.slice(linux, filter)}${filterKey} null}}`,
    filter: filter < 0 ? undefined : text.slice(filter),
  };
}

function parseFilter(text: string, path: string): unknown {
  return onlyField(onlyField(parseExact(`{"linux":{${text}`), 'linux', path), 'seccomp', path);
}

function onlyField(holder: unknown, name: string, path: string): unknown {
  const value = field(holder, name);
  if (Object.keys(holder as object).length !== 1) throw new OciDifference(`${path}: more than \`${name}\``);
  return value;
}

function refusedWhole(decision: Decision, arch: Architecture): boolean {
  const attribute = (name: string) => (name === 'arch' ? arch : undefined);
  return decide(decision, { attribute, parameter: () => undefined })?.effect.kind.startsWith('kill') === true;
}

/** What holds of a filter that means what the policy says. */
interface FilterVerdict {
  /** How many pairs of functions were compared. */
  readonly compared: number;
  /** Those that the filter is for. */
  readonly architectures: readonly Architecture[];
  /** Some comparison holds but for high words, which libseccomp does not see on an architecture. */
  readonly lossy: boolean;
}

/** The verdicts on the filters that were judged by one decision: those of a few targets. */
interface Judged {
  readonly filter: string;
  readonly additions: string;
  readonly architectures: string;
  readonly verdict: FilterVerdict;
}

const mostJudged = 8;
const remembered = new Remembered<Judged[]>();

/** Judges the text of a filter by a decision and the text of the additions; throws OciDifference where it is wrong. */
function filterJudge(
  decision: Decision,
  additions: string,
  target: Target,
  memory: Memory | undefined,
): (filter: string, path: string) => FilterVerdict {
  let comparison: FilterComparison | undefined;
  const architectures = target.architectures.join();
  const judged = memory && remembered.recall(memory, nodeIdentity(memory, decision).key, () => []);
  return (filter, path) => {
    const known = judged?.find(
      (each) => each.architectures === architectures && each.filter === filter && each.additions === additions,
    );
    if (known !== undefined) return known.verdict;
    comparison ??= new FilterComparison(decision, parseExact(additions), target);
    const verdict = comparison.compare(parseFilter(filter, path), path);
    if (judged !== undefined && judged.push({ filter, additions, architectures, verdict }) > mostJudged) judged.shift();
    return verdict;
  };
}

/** How one part of the calls is treated: by the policy, by the filter, by the list of additions. */
interface Treatment {
  /** The part's number in the policy's own partition. */
  readonly policy: number;
  readonly rules: readonly ReadRule[];
  readonly added: boolean;
  readonly stricter: boolean;
}

/** Compares filters with a decision; what the decision says is worked out once for all of them. */
class FilterComparison {
  /** Whether some comparison of the filter that was compared last holds but for high words. */
  #lossy = false;
  readonly #proof: FilterProof;
  readonly #parts: CallPartition<undefined>;
  readonly #representatives: readonly (string | undefined)[];
  readonly #wanted = new Map<string, number>();
  readonly #kinds = new Map<Architecture, string>();
  readonly #additions: unknown;
  readonly #target: Target;

  constructor(decision: Decision, additions: unknown, target: Target) {
    this.#proof = new FilterProof(decision);
    this.#parts = partitionOf(decision);
    this.#representatives = this.#parts.representatives();
    this.#additions = additions;
    this.#target = target;
  }

  /** Throws OciDifference for a pair of functions that differs. */
  compare(seccomp: unknown, path: string): FilterVerdict {
    this.#lossy = false;
    const { architectures, byDefault, entries } = readFilter(seccomp);
    for (const architecture of architectures) {
      if (!this.#target.architectures.includes(architecture)) {
        throw new OciDifference(`${path}: the architecture ${architecture}`);
      }
    }
    const machine = Object.keys(machines).find((name) => machines[name]!.includes(architectures[0]!));
    if (machine === undefined) throw new OciDifference(`${path}: no architectures`);
    const parts = this.#parts.refinable<Treatment>((policy) => ({ policy, rules: [], added: false, stricter: false }));
    for (const { names, rule } of entries) {
      parts.split(names, (treatment) => ({ ...treatment, rules: [...treatment.rules, rule] }));
    }
    parts.split(this.#added(machine), (treatment) => ({ ...treatment, added: true }));
    const stricter = items(field(field(this.#additions, 'stricter'), machine)).map(String);
    parts.split(stricter, (treatment) => ({ ...treatment, stricter: true }));
    let compared = 0;
    parts.representatives().forEach((representative, part) => {
      if (representative === undefined) return;
      const treatment = parts.treatments[part]!;
      for (const architecture of architectures) {
        compared += 1;
        const difference = this.#differs(treatment, byDefault, architecture);
        if (difference === undefined) continue;
        // Names that the architecture does not have are of no part.
        const name = parts
          .members(part)
          .find((member) => member === unnamed || syscallNumber(architecture, member) !== undefined);
        if (name !== undefined) throw new OciDifference(`${path}: ${name}${difference()}`);
      }
    });
    if (this.#proof.exhausted) throw new OciDifference(`${path}: the filter is too large to be proven`);
    return { compared, architectures, lossy: this.#lossy };
  }

  /** Calls that the runtime needs, and that the file of additions names. */
  #added(machine: string): readonly string[] {
    return items(field(field(this.#additions, 'seccomp'), machine)).flatMap((group) => {
      if (field(group, 'action') !== 'SCMP_ACT_ALLOW') return [];
      return items(field(group, 'calls'))
        .map(String)
        .filter((call) => startupCalls.some(({ name }) => name === call));
    });
  }

  /** What is wrong with a call of the part on the architecture, in words; undefined where nothing is. */
  #differs(treatment: Treatment, byDefault: string, arch: Architecture): (() => string) | undefined {
    const { policy, rules, added, stricter } = treatment;
    if (added) {
      const allowed = rules.length === 1 && rules[0]!.key === 'SCMP_ACT_ALLOW()';
      return allowed ? undefined : () => ' is said to be added and is not';
    }
    const narrow = arch === 'x86' || arch === 'arm';
    const compares = rules.some(({ args }) => args.length > 0);
    const low = compares && (narrow || arch === 'x32');
    const whole = this.#wantedOf(arch, policy);
    const wanted = narrow || low ? this.#proof.withoutHighWords(whole) : whole;
    const said = this.#proof.said(rules, byDefault, low);
    if (said === wanted) {
      if (low && !narrow) this.#lossy = true;
      return undefined;
    }
    if (low && rules.some(wantsHighWords)) {
      this.#lossy = true;
      return undefined;
    }
    if (said === undefined) return () => ' has two rules that disagree';
    if (stricter && this.#proof.isAsStrict(said, wanted)) return undefined;
    return () => {
      const { args, ...actions } = this.#proof.difference(said, wanted);
      return `(${args}) on ${arch}: the artifact says ${actions.said}, the policy ${actions.wanted}`;
    };
  }

  #wantedOf(arch: Architecture, policy: number): number {
    let kind = this.#kinds.get(arch);
    if (kind === undefined) {
      kind = this.#proof.kindOf(arch);
      this.#kinds.set(arch, kind);
    }
    const key = `${policy} ${kind}`;
    let wanted = this.#wanted.get(key);
    if (wanted === undefined) {
      wanted = this.#proof.wanted(arch, this.#representatives[policy]!);
      this.#wanted.set(key, wanted);
    }
    return wanted;
  }
}

function wantsHighWords({ args }: ReadRule): boolean {
  return args.some(({ op, value, valueTwo }) => (op === 'SCMP_CMP_MASKED_EQ' ? valueTwo : value) > 0xffff_ffffn);
}
