import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Policy } from '../ir/policy.ts';
import type { Memory } from '../memory/remembered.ts';
import type { Span } from '../source/span.ts';
import type { Target } from '../target.ts';

export type BackendName =
  | 'ir'
  | 'seccomp'
  | 'landlock'
  | 'cgroup'
  | 'oci'
  | 'launcher'
  | 'bpf-lsm'
  | 'guardrail'
  | 'iam'
  | 'scp'
  | 'budgets-action'
  | 'eventbridge'
  | 'kuadrant'
  | 'launch'
  | 'ami'
  | 'launch-iam'
  | 'wasi'
  | 'wasm';

/**
 * One target format. `emit` is a pure function of the IR and the target; `validate` decodes what was emitted, by code
 * that shares nothing with `emit` but the format's description, and compares it with the IR.
 */
export interface Backend {
  readonly name: BackendName;
  /** One line for `polc build --help` and the reference. */
  readonly summary: string;
  /** False where it is emitted only when `--emit` names it: another way to enforce what the default ones do. */
  readonly byDefault: boolean;
  /** Whether the policy itself asks for it, where it is not emitted by default. */
  wantedBy?(policy: Policy, target: Target): boolean;
  /** True where it enforces nothing and finds nothing, so that who only checks a policy does without it. */
  readonly silent?: true;
  /** False where the policy says nothing that this backend could carry; it is then left out of the bundle. */
  applies(policy: Policy, target: Target): boolean;
  /**
   * The part of a policy that is all that `emit` and `validate` look at, and are given; absent, the whole policy. A
   * compiler with a memory asks a backend that has it again only where that part is new.
   */
  part?(policy: Policy): Policy;
  emit(policy: Policy, target: Target): Emission;
  validate(policy: Policy, target: Target, artifacts: readonly Artifact[]): Validation;
}

/**
 * The same for a format that names things by what they hold, or tells people where in the policy something stands. Every
 * `Backend` is one, since it needs neither.
 */
export interface PlacedBackend extends Omit<Backend, 'emit' | 'validate'> {
  emit(policy: Policy, target: Target, surroundings: Surroundings): Emission;
  validate(policy: Policy, target: Target, artifacts: readonly Artifact[], surroundings: Surroundings): Validation;
}

/** What the IR and the target do not hold, and what is the same for the same files all the same. */
export interface Surroundings {
  /** The SHA-256 digest in lower-case hexadecimal. */
  sha256(content: Uint8Array | string): string;
  /** Where a span starts: line and column from 1, and that line; undefined where its file was not read. */
  position(span: Span): { readonly line: number; readonly column: number; readonly text: string } | undefined;
  /** Makes a WebAssembly module smaller and quicker; absent where nobody asked for that. */
  readonly optimiseModule?: (module: Uint8Array) => Uint8Array;
  /** Where analyses that depend on their input alone keep their results; absent, nothing is kept. */
  readonly memory?: Memory;
}

export interface Emission {
  readonly artifacts: readonly Artifact[];
  readonly coverage: readonly Coverage[];
  readonly diagnostics: readonly Diagnostic[];
  /** What the build's table shows: `31 insns ×2`. Empty where the name says it all. */
  readonly summary: string;
}

export interface Artifact {
  /** File name below the backend's folder, with `/` between folders. */
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly executable?: boolean;
  readonly sourceMap: readonly SourceMapEntry[];
}

/** Ties a place in an artifact to the policy: an instruction's index, or a JSON pointer, or a line's number from 1. */
export interface SourceMapEntry {
  readonly at: number | string;
  /** The id of the rule, limit or obligation. */
  readonly rule: string;
  readonly span: Span;
}

/** A backend's answer for one rule, limit or obligation. A rule it does not speak of, it does not enforce. */
export interface Coverage {
  /** The id of the rule, limit or obligation. */
  readonly rule: string;
  readonly status: 'full' | 'partial' | 'none';
  /** What is enforced and by which means. */
  readonly enforced?: string;
  /** What is lost; required unless the status is full. */
  readonly lost?: string;
  /** `polc run` alone holds it, as a hint says: no other deployment need, and its loss may be accepted. */
  readonly byRunAlone?: true;
  /** What to do where no target and no backend could hold it. */
  readonly instead?: string;
}

export interface Validation {
  /** `proven`: over all inputs. `tested`: over the inputs that `method` names. `refused`: artifact and IR differ. */
  readonly status: 'proven' | 'tested' | 'refused';
  readonly method: string;
  /** How many cells, inputs or fields were compared. */
  readonly compared: number;
  /** For `refused`: an input on which the two differ, and what each says. */
  readonly counterexample?: string;
}
