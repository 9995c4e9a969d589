import { readdirSync, statSync } from 'node:fs';
import { isPattern } from '../../compiler/backends/landlock/path-grants.ts';
import { landlockRuleset } from '../../compiler/backends/landlock/ruleset.ts';
import { matchesGlob } from '../../compiler/expressions/glob.ts';
import type { Policy } from '../../compiler/ir/policy.ts';

/** The paths that each pattern of the policy stands for on this machine, now. */
export function expandPatterns(policy: Policy, landlockAbi: number): ReadonlyMap<string, readonly string[]> {
  const patterns = landlockRuleset(policy, landlockAbi).paths.filter(({ glob }) => glob);
  return new Map(patterns.map(({ path }) => [path, expand(path)]));
}

/** Component by component; a hidden name is matched like any other, as the policy's meaning has it. */
function expand(pattern: string): readonly string[] {
  let found: readonly string[] = [''];
  for (const component of pattern.split('/').filter((part) => part !== '')) {
    found = found.flatMap((folder) =>
      isPattern(component)
        ? namesIn(folder)
            .filter((name) => matchesGlob(name, component))
            .map((name) => `${folder}/${name}`)
        : [`${folder}/${component}`],
    );
  }
  return found.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined).sort();
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder === '' ? '/' : folder);
  } catch {
    // Not a folder, or not to be listed: nothing in it can be granted by a pattern.
    return [];
  }
}
