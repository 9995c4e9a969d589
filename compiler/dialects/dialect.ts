import type { BackendName } from '../backends/backend.ts';
import type { BackendAnswer } from '../coverage.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Policy } from '../ir/policy.ts';
import type { PolicyTest } from '../policy-tests/policy-test.ts';
import type { Description, Located, Shape } from '../schema/shape.ts';
import type { Span } from '../source/span.ts';
import type { YamlNode } from '../source/tree.ts';
import type { Platform, Target } from '../target.ts';
import type { Loader } from './loader.ts';

/** One way of writing policies. After `lower`, nothing knows which dialect a policy came from. */
export interface Dialect {
  readonly name: string;
  /** One line for `polc --help` and the reference. */
  readonly summary: string;
  /** What its policies are enforced by. */
  readonly platforms: readonly Platform[];
  /**
   * Whether a document with these top-level keys is of this dialect.
   *
   * @param root the document itself, for objects of Kubernetes, whose top-level keys are all alike
   */
  recognises(keys: ReadonlySet<string>, root?: YamlNode): boolean;
  /** The shape of a whole document, from which schema, completion, hover and reference are derived. */
  readonly description: Description;
  /** What the reference shows where that is less: without what it would repeat. */
  readonly reference?: Description;
  /** Chapters of the reference that no single key explains, in Markdown. */
  chapters(): readonly string[];
  /** True where a file may hold several documents; else a second one is an error. */
  readonly several?: boolean;
  /** What its policies may ask of themselves, under `tests`; absent where they can ask nothing. */
  tests?(): Shape<readonly Located<PolicyTest>[]>;
  /**
   * Decodes the document and what it pulls in. Undefined where nothing usable is left.
   *
   * @param documents every document of the file, the root first
   */
  resolve(
    root: YamlNode,
    loader: Loader,
    diagnostics: Diagnostic[],
    documents: readonly YamlNode[],
  ): Resolved | undefined;
}

export interface Resolved {
  /** The losses that the author accepts, by topic, each with its reason. */
  readonly accepted: readonly Acceptance[];
  lower(target: Target, diagnostics: Diagnostic[]): Policy;
  /**
   * What the file enforces by itself, where whoever enforces it reads it as it is and nothing is emitted.
   *
   * @param policy what was lowered and optimised
   */
  enforced?(policy: Policy): readonly BackendAnswer[];
}

/** What a file is written in, as far as that can be said, and what it says. */
export interface ReadPolicy {
  /** `emits` are the backends that such a file is for, where those are not all that run by default. */
  readonly dialect?: Pick<Dialect, 'name' | 'platforms'> & { readonly emits?: readonly BackendName[] };
  readonly resolved?: Resolved | undefined;
}

export interface Acceptance {
  /** A topic (`resources.disk`) or its last components (`disk`). */
  readonly loss: string;
  readonly because: string;
  /** Absent where the acceptance comes from the configuration. */
  readonly span?: Span;
}
