import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { landlockRuleset } from '../../compiler/backends/landlock/ruleset.ts';
import { emitLauncher } from '../../compiler/backends/launcher/index.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import type { LocalMachine } from './machine.ts';
import { withProgram } from './program-file.ts';

/**
 * Whether the program would run without a Landlock domain on this machine, so that one of the same user could open the
 * memory of what is outside, polc's own with it: ptrace(2), access mode checking. A domain needs ABI 2 and a kernel in
 * which Landlock is switched on.
 */
export function unseparated(policy: Policy, local: LocalMachine): boolean {
  const { handledPaths, handledPorts, scoped } = landlockRuleset(policy, local.target.landlock);
  if (handledPaths !== 0n || handledPorts !== 0n || scoped !== 0n) return false;
  return local.target.landlock < 2 || !landlockEnabled(local);
}

/** Asks the list of security modules, and where a container hides it a launcher that does nothing but enter a domain. */
function landlockEnabled(local: LocalMachine): boolean {
  try {
    return readFileSync('/sys/kernel/security/lsm', 'utf8').trim().split(',').includes('landlock');
  } catch {
    const empty: Policy = { name: 'landlock', decisions: [], limits: [], obligations: [] };
    const { artifacts } = emitLauncher(empty, local.target, { separate: true });
    const image = artifacts.find(({ path }) => path === `launcher.${local.machine}`);
    if (!(image?.content instanceof Uint8Array)) return false;
    // An empty name is no command: 127 after every step has passed, 125 where one fails.
    return withProgram('landlock', image.content, (file) => spawnSync(file, [''], { stdio: 'ignore' }).status === 127);
  }
}
