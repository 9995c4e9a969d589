import type { Artifact, Validation } from '../backends/backend.ts';
import { startupCalls } from '../backends/oci/startup-calls.ts';
import { decide } from '../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../ir/policy.ts';
import type { Architecture } from '../tables/architectures.ts';
import { syscallNumber } from '../tables/syscalls.ts';
import type { Target } from '../target.ts';
import { type CallPartition, partitionOf, unnamed } from './oci-calls.ts';
import { type ReadRule, readFilter } from './oci-filter.ts';
import { FilterProof } from './oci-proof.ts';
import { field, items, OciDifference, parseExact } from './oci-reader.ts';
import { compareSettings, expectedSettings } from './oci-settings.ts';

const machines: Readonly<Record<string, readonly Architecture[]>> = {
  x86_64: ['x86_64', 'x86', 'x32'],
  aarch64: ['aarch64', 'arm'],
  riscv64: ['riscv64'],
};

/**
 * Reads each `config.json` as an OCI runtime does and compares it with the policy: what becomes of every call that Linux
 * has, over all arguments; and every other setting as a value. Calls that neither side tells apart are compared once.
 */
export function validateOci(policy: Policy, target: Target, artifacts: readonly Artifact[]): Validation {
  const method = 'every call over all arguments, in decision diagrams; every setting read back';
  let compared = 0;
  try {
    const additions = parseExact(contentOf(artifacts, 'additions.json'));
    const configs = artifacts.filter(({ path }) => /(^|\/)(config|rootless)\.json$/.test(path));
    if (!configs.some(({ path }) => path === 'config.json')) throw new OciDifference('config.json is missing');
    const decision = decisionAt(policy, 'syscall');
    const expected = expectedSettings(policy);
    const filters = decision === undefined ? undefined : new FilterComparison(decision, additions, target);
    // Files of one machine share their filter and files of one kind their settings: each text is read once.
    const settings: string[][] = [[], []];
    const seen: string[] = [];
    for (const { path } of configs) {
      const { rest, filter } = splitConfig(contentOf(artifacts, path));
      const rootless = path.endsWith('rootless.json');
      const known = settings[rootless ? 1 : 0]!;
      if (!known.includes(rest)) {
        compared += compareSettings(
          policy,
          expected,
          parseExact(filter === undefined ? rest : `${rest}${filterKey} null}}`),
          rootless,
        );
        known.push(rest);
      }
      if ((filters === undefined) !== (filter === undefined)) throw new OciDifference(`${path}: seccomp`);
      if (filters === undefined || filter === undefined || seen.includes(filter)) continue;
      compared += filters.compare(parseFilter(filter, path), path);
      seen.push(filter);
    }
    for (const architecture of filters === undefined ? [] : target.architectures) {
      if (!filters!.reached.has(architecture) && !refusedWhole(decision!, architecture)) {
        throw new OciDifference(`no file is for ${architecture}`);
      }
    }
    return { status: filters?.lossy === true ? 'tested' : 'proven', method, compared };
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

const filterKey = '"seccomp":';

/**
 * The text before its filter, and the filter's with what follows it. `linux.seccomp` must be the last field of all:
 * otherwise the first text, closed, is no JSON, or the second has more than the filter in it.
 */
function splitConfig(text: string): { readonly rest: string; readonly filter: string | undefined } {
  const at = text.indexOf(filterKey);
  if (at < 0) return { rest: text, filter: undefined };
  return { rest: text.slice(0, at), filter: text.slice(at) };
}

function parseFilter(text: string, path: string): unknown {
  const config = parseExact(`{"linux":{${text}`);
  const linux = field(config, 'linux');
  for (const [holder, key] of [
    [config, 'linux'],
    [linux, 'seccomp'],
  ] as const) {
    if (Object.keys(holder as object).join() !== key) throw new OciDifference(`${path}: more than a filter`);
  }
  return field(linux, 'seccomp');
}

function refusedWhole(decision: Decision, arch: Architecture): boolean {
  const attribute = (name: string) => (name === 'arch' ? arch : undefined);
  return decide(decision, { attribute, parameter: () => undefined })?.effect.kind.startsWith('kill') === true;
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
  /** The architectures that some filter was for. */
  readonly reached = new Set<Architecture>();
  /** Some comparison holds but for high words, which libseccomp does not see on an architecture. */
  lossy = false;
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

  /** Returns how many pairs of functions were compared; throws OciDifference for a pair that differs. */
  compare(seccomp: unknown, path: string): number {
    const { architectures, byDefault, entries } = readFilter(seccomp);
    for (const architecture of architectures) {
      if (!this.#target.architectures.includes(architecture)) {
        throw new OciDifference(`${path}: the architecture ${architecture}`);
      }
      this.reached.add(architecture);
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
        if (name !== undefined) throw new OciDifference(`${path}: ${name}${difference}`);
      }
    });
    if (this.#proof.exhausted) throw new OciDifference(`${path}: the filter is too large to be proven`);
    return compared;
  }

  /** Calls that the runtime needs, and that the file of additions names. */
  #added(machine: string): readonly string[] {
    const needed = new Set(startupCalls.map(({ name }) => name));
    return items(field(field(this.#additions, 'seccomp'), machine)).flatMap((group) => {
      if (field(group, 'action') !== 'SCMP_ACT_ALLOW') return [];
      return items(field(group, 'calls'))
        .map(String)
        .filter((call) => needed.has(call));
    });
  }

  /** What is wrong with a call of the part on the architecture; undefined where nothing is. */
  #differs({ policy, rules, added, stricter }: Treatment, byDefault: string, arch: Architecture): string | undefined {
    if (added) {
      const allowed = rules.length === 1 && rules[0]!.key === 'SCMP_ACT_ALLOW()';
      return allowed ? undefined : ' is said to be added and is not';
    }
    const narrow = arch === 'x86' || arch === 'arm';
    const compares = rules.some(({ args }) => args.length > 0);
    const low = compares && (narrow || arch === 'x32');
    const whole = this.#wantedOf(arch, policy);
    const wanted = narrow || low ? this.#proof.withoutHighWords(whole) : whole;
    const said = this.#proof.said(rules, byDefault, low);
    if (said === wanted) {
      if (low && !narrow) this.lossy = true;
      return undefined;
    }
    if (low && rules.some(wantsHighWords)) {
      this.lossy = true;
      return undefined;
    }
    if (said === undefined) return ' has two rules that disagree';
    if (stricter && this.#proof.isAsStrict(said, wanted)) return undefined;
    const { args, ...actions } = this.#proof.difference(said, wanted);
    return `(${args}) on ${arch}: the artifact says ${actions.said}, the policy ${actions.wanted}`;
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
