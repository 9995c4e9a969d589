import type { BackendName } from '../../compiler/backends/backend.ts';
import type { BundleFile } from '../../compiler/bundle.ts';
import type { Compilation } from '../../compiler/compile.ts';
import type { JoinedCoverage } from '../../compiler/coverage.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { PhaseTime } from '../../compiler/gate.ts';
import type { StagedFolder } from '../staging.ts';

/** What a build says of one policy. Plain data: it crosses threads and lies in the cache. */
export interface PolicyResult {
  readonly path: string;
  readonly ok: boolean;
  /** The policy's name, which is its output folder's; the path where it could not be read. */
  readonly name: string;
  /** Empty where none was recognised. */
  readonly dialect: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly suppressed: number;
  readonly coverage: CoverageCount;
  readonly emits: readonly { readonly backend: BackendName; readonly summary: string; readonly validation: string }[];
  readonly phases: readonly PhaseTime[];
  readonly hash: string;
  /** Every file that was read, the policy first. */
  readonly reads: readonly string[];
}

export interface CoverageCount {
  readonly full: number;
  readonly partial: number;
  readonly accepted: number;
  readonly total: number;
}

/** A result with the files to write; none where there is an error, or where a thread has staged them. */
export interface BuiltPolicy {
  readonly result: PolicyResult;
  readonly files: readonly BundleFile[];
  readonly staged?: StagedFolder;
}

export function resultOf(path: string, compilation: Compilation): PolicyResult {
  return {
    path,
    ok: compilation.ok,
    name: compilation.policy?.name ?? compilation.lowered?.name ?? path,
    dialect: compilation.dialect ?? '',
    diagnostics: compilation.diagnostics,
    suppressed: compilation.suppressed.length,
    coverage: count(compilation.coverage),
    emits: compilation.outputs.map(({ backend, summary, validation }) => ({
      backend,
      summary,
      validation: validation.status,
    })),
    phases: compilation.phases,
    hash: compilation.hash,
    reads: [...compilation.contents.keys()],
  };
}

function count(coverage: readonly JoinedCoverage[]): CoverageCount {
  const of = (test: (entry: JoinedCoverage) => boolean) => coverage.filter(test).length;
  return {
    full: of(({ status }) => status === 'full'),
    partial: of(({ status, accepted }) => status === 'partial' && accepted === undefined),
    accepted: of(({ accepted }) => accepted !== undefined),
    total: coverage.length,
  };
}
