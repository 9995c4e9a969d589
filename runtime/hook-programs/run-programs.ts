import type { Artifact } from '../../compiler/backends/backend.ts';
import type { EnforcementLevel } from '../../compiler/ir/obligation.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { linkedLevelPaths } from '../sandbox/linked-paths.ts';
import type { HookEvent } from './events.ts';
import {
  enforce,
  type PolicyPrograms,
  type ProgramsInForce,
  programsOf,
  type ReadyPrograms,
  readyPrograms,
} from './policy-programs.ts';
import { isRefusal, type LoadRefusal } from './refusal.ts';

/** The programs of a policy for the level of its start, and of each stricter level that has some. */
export interface RunPrograms {
  readonly policy: Policy;
  readonly start: PolicyPrograms | undefined;
  /** Every stricter level, ascending, with its programs where it has some. */
  readonly levels: readonly { readonly level: EnforcementLevel; readonly programs: PolicyPrograms | undefined }[];
}

/** Of what a backend has emitted; undefined where it has no program. */
export function runProgramsOf(policy: Policy, artifacts: readonly Artifact[]): RunPrograms | undefined {
  const start = programsOf(artifacts);
  const levels = (policy.adaptive?.levels ?? []).map(({ level }) => ({
    level,
    programs: programsOf(artifacts, `level-${level}`),
  }));
  return [{ programs: start }, ...levels].every(({ programs }) => programs === undefined)
    ? undefined
    : { policy, start, levels };
}

/** The programs of a run in the kernel, of all its levels, which nothing asks yet. */
export interface ReadyRun {
  /**
   * Puts all of them in force for a cgroup, or none. Those of stricter levels are asked too and let everything pass, so that
   * what the kernel refuses it refuses before the program starts.
   *
   * @param cgroup the folder of a cgroup of version 2
   * @param policy its name, for the records
   */
  enforce(cgroup: string, policy: string, each: (event: HookEvent) => void): ProgramsInForce | LoadRefusal;
  /**
   * Lets the programs of a level decide, and those of the levels before it: from when it returns, beside the others, and for
   * good. Each is one word in a map, which all programs of the level read.
   *
   * @returns the hooks, and calls on sockets, at which more is refused from now on, each once
   * @throws KernelRefusal
   */
  tighten(to: EnforcementLevel): readonly string[];
  close(): void;
}

/** The map that says whether the programs of a level decide: compiler/backends/bpf-lsm/level-switch.ts. */
const levelMap = 'level';

/** Loads every program of a run, or says why not. */
export async function readyRun({ policy: whole, start, levels }: RunPrograms): Promise<ReadyRun | LoadRefusal> {
  const [linked] = linkedLevelPaths(whole);
  if (linked !== undefined) {
    return {
      by: 'object',
      problem: `${linked.path} is or lies beneath a symbolic link, and programs of the kernel, which hold the paths of \`${linked.level}\`, see where that leads`,
      help: `name where it leads: ${linked.target}`,
    };
  }
  const ready: { readonly level?: EnforcementLevel; readonly programs: ReadyPrograms }[] = [];
  const close = () => {
    for (const { programs } of ready.splice(0)) programs.close();
  };
  for (const each of [{ programs: start }, ...levels]) {
    if (each.programs === undefined) continue;
    const programs = await readyPrograms(each.programs);
    if (isRefusal(programs)) {
      close();
      return programs;
    }
    ready.push({ ...each, programs });
  }
  const waiting = new Set(ready.flatMap(({ level }) => level ?? []));
  return {
    enforce: (cgroup, policy, each) =>
      enforce(
        ready.map(({ programs }) => programs),
        cgroup,
        policy,
        each,
      ),
    tighten(to) {
      const last = levels.findIndex(({ level }) => level === to);
      const at = new Set<string>();
      for (const { level } of levels.slice(0, last + 1)) {
        if (!waiting.has(level)) continue;
        const { bpf, loaded } = ready.find((each) => each.level === level)!.programs;
        const word = loaded.maps.get(levelMap);
        if (word === undefined) throw new Error(`the programs of level ${level} have no switch`);
        bpf.updateMap(word.descriptor, new Uint8Array(4), new Uint8Array(BigUint64Array.of(1n).buffer));
        waiting.delete(level);
        for (const program of loaded.programs) at.add(program.at);
      }
      return [...at];
    },
    close,
  };
}
