import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import type { Compilation } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Acceptance } from '../../compiler/dialects/dialect.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import type { Span } from '../../compiler/source/span.ts';
import { namesBuilt, readBuilt } from '../../runtime/hook-programs/built-programs.ts';
import { type PolicyPrograms, programsOf } from '../../runtime/hook-programs/policy-programs.ts';
import { isRefusal } from '../../runtime/hook-programs/refusal.ts';
import type { LocalMachine } from '../../runtime/sandbox/machine.ts';
import { compileFile, ofOtherDialect } from '../build/compile-file.ts';
import { compileOptionsOf, type Project } from '../project.ts';
import { refusalDiagnostic } from './refusal-diagnostic.ts';

/** The programs of a policy for this machine. */
export interface ReadPrograms {
  readonly programs: PolicyPrograms;
  /** The policy's name. */
  readonly policy: string;
  readonly hash: string;
  /** Where the policy first decides at a hook. */
  readonly at?: Span;
  readonly diagnostics: readonly Diagnostic[];
  /** The policy has stricter levels, which `polc run` alone moves to. */
  readonly staysInLevel?: true;
}

export type NoPrograms =
  | { readonly diagnostics: readonly Diagnostic[]; readonly by: 'policy' | 'environment' }
  /** `by` is whose mistake it is: the policy's where it was read and nothing of it can be loaded. */
  | { readonly problem: string; readonly help: string; readonly by: 'policy' | 'environment' };

/** Compiles the policy that a word names for this machine, or reads what was built of one. */
export function readPrograms(word: string, project: Project, local: LocalMachine): ReadPrograms | NoPrograms {
  if (namesBuilt(word)) {
    const built = readBuilt(word);
    return isRefusal(built)
      ? { diagnostics: [refusalDiagnostic(built, word)], by: 'environment' }
      : { ...built, diagnostics: [] };
  }
  const options = { target: local.target, backends: [bpfLsm], also: [bpfLsm.name], maximumMilliseconds: 0 };
  const first = compileFile(word, project, options);
  const other = 'problem' in first ? undefined : ofOtherDialect(word, first);
  if (other !== undefined) return { ...other, by: 'policy' };
  const others = 'problem' in first ? [] : lossesOfOthers(first);
  const accept = [...(compileOptionsOf(project).accept ?? []), ...others];
  const compilation = others.length === 0 ? first : compileFile(word, project, { ...options, accept });
  if ('problem' in compilation) {
    return {
      problem: compilation.problem,
      help: compilation.help ?? 'name a policy, an object or the folder of a bundle',
      by: 'environment',
    };
  }
  const { hash, ok, outputs, policy } = compilation;
  const diagnostics = compilation.diagnostics.filter(({ code }) => !ofWholePolicies.has(code));
  if (!ok || policy === undefined) return { diagnostics, by: 'policy' };
  const output = outputs.find(({ backend }) => backend === 'bpf-lsm');
  const programs = output === undefined ? undefined : programsOf(output.artifacts);
  return programs === undefined
    ? {
        problem: `\`${word}\` decides nothing that programs of the kernel hold`,
        help: 'name hook programs in it, under `security.bpf_lsm`; for the rest start the command with `polc run`',
        by: 'policy',
      }
    : {
        programs,
        policy: policy.name,
        hash,
        diagnostics,
        ...placeOf(policy),
        ...((policy.adaptive?.levels.length ?? 0) > 0 ? { staysInLevel: true as const } : {}),
      };
}

function placeOf(policy: Policy): { readonly at?: Span } {
  const decision = decisionAt(policy, 'hook');
  return decision === undefined ? {} : { at: (decision.rules[0] ?? decision.otherwise).origin.span };
}

/** What programs do not hold is not in force here, whoever would hold it: nobody has to accept that. */
function lossesOfOthers({ coverage, dialect }: Compilation): readonly Acceptance[] {
  if (dialect !== 'sandbox') return [];
  const lost = coverage.filter(
    ({ status, accepted, topic }) => status !== 'full' && accepted === undefined && !isAtHook(topic),
  );
  return [...new Set(lost.map(({ topic }) => topic))].map((loss) => ({ loss, because: 'programs alone are loaded' }));
}

function isAtHook(topic: string): boolean {
  return topic.startsWith('security.bpf_lsm');
}

/** No other way of enforcing the policy is in question. */
const ofWholePolicies: ReadonlySet<string> = new Set(['POL6006']);
