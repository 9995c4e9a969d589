import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { namesBuilt, readBuilt } from '../../runtime/hook-programs/built-programs.ts';
import { type PolicyPrograms, programsOf } from '../../runtime/hook-programs/policy-programs.ts';
import { isRefusal } from '../../runtime/hook-programs/refusal.ts';
import type { LocalMachine } from '../../runtime/sandbox/machine.ts';
import { compileFile } from '../build/compile-file.ts';
import type { Project } from '../project.ts';
import { refusalDiagnostic } from './refusal-diagnostic.ts';

/** The programs of a policy for this machine. */
export interface ReadPrograms {
  readonly programs: PolicyPrograms;
  /** The policy's name. */
  readonly policy: string;
  readonly hash: string;
  readonly diagnostics: readonly Diagnostic[];
}

export type NoPrograms =
  | { readonly diagnostics: readonly Diagnostic[]; readonly by: 'policy' | 'environment' }
  | { readonly problem: string; readonly help: string };

/** Compiles the policy that a word names for this machine, or reads what was built of one. */
export function readPrograms(word: string, project: Project, local: LocalMachine): ReadPrograms | NoPrograms {
  if (namesBuilt(word)) {
    const built = readBuilt(word);
    return isRefusal(built)
      ? { diagnostics: [refusalDiagnostic(built, word)], by: 'environment' }
      : { ...built, diagnostics: [] };
  }
  const compilation = compileFile(word, project, {
    target: local.target,
    also: ['bpf-lsm'],
    maximumMilliseconds: 0,
  });
  if ('problem' in compilation) {
    return {
      problem: compilation.problem,
      help: compilation.help ?? 'name a policy, an object or the folder of a bundle',
    };
  }
  const { diagnostics, hash, ok, outputs, policy } = compilation;
  if (!ok || policy === undefined) return { diagnostics, by: 'policy' };
  const output = outputs.find(({ backend }) => backend === 'bpf-lsm');
  const programs = output === undefined ? undefined : programsOf(output.artifacts);
  return programs === undefined
    ? {
        problem: `\`${word}\` decides nothing that programs of the kernel hold`,
        help: 'name hook programs in it, under `security.bpf_lsm`; for the rest start the command with `polc run`',
      }
    : { programs, policy: policy.name, hash, diagnostics };
}
