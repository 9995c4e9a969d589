import { observingHooks, verdictHooks } from './lsm-hooks.generated.ts';

let verdicts: ReadonlySet<string> | undefined;
let all: readonly string[] | undefined;

/** Old names that policies still use; a hook that was renamed or that another took over. */
const aliases: Readonly<Record<string, string>> = {
  // security_task_create() went in Linux 4.14; task_alloc is called at the same place of copy_process().
  task_create: 'task_alloc',
};

function verdictSet(): ReadonlySet<string> {
  verdicts ??= new Set(verdictHooks.trim().split(/\s+/));
  return verdicts;
}

/** Every hook, sorted, by the name that follows `bpf_lsm_`. */
export function hookNames(): readonly string[] {
  all ??= [...verdictSet(), ...observingHooks.trim().split(/\s+/)].sort();
  return all;
}

/** Whether the hook exists and can refuse. */
export function hookReturnsVerdict(name: string): boolean {
  return verdictSet().has(name);
}

/** The hook of today that an old name stands for. */
export function hookAlias(name: string): string | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}
