import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesV1, filesV2 } from '../../../compiler/backends/cgroup/files.ts';
import type { EnforcementLevel } from '../../../compiler/ir/obligation.ts';
import type { Limit, Policy } from '../../../compiler/ir/policy.ts';
import { isGroupLimit, type PlannedGroup } from '../control-group.ts';

/** The limits of stricter levels that the start has not, without a ceiling: so that the group has their files. */
export function laterLimits(policy: Policy): readonly Limit[] {
  const known = new Set(policy.limits.map(({ resource }) => resource));
  return (policy.adaptive?.levels ?? []).flatMap(({ limits }) =>
    limits.flatMap((limit): readonly Limit[] => {
      if (!isGroupLimit(limit) || known.has(limit.resource)) return [];
      known.add(limit.resource);
      return [{ ...limit, ceiling: { ...limit.ceiling, amount: Number.POSITIVE_INFINITY } }];
    }),
  );
}

/**
 * Writes the limits that a level adds to those before it. The kernel holds them from then on; of memory that is in use it
 * first takes back what it can, and version 1 refuses where that is too little.
 *
 * @returns the files that were written
 * @throws the operating system's error
 */
export function lowerLimits(policy: Policy, level: EnforcementLevel, group: PlannedGroup): readonly string[] {
  const limits = policy.adaptive?.levels.find((each) => each.level === level)?.limits.filter(isGroupLimit) ?? [];
  return limits.flatMap((limit) =>
    (group.joined.version === 1 ? filesV1 : filesV2)(limit).flatMap(({ name, text }) => {
      const folder = group.folders.find(({ files }) => files.some((file) => file.name === name));
      if (folder === undefined) throw new Error(`the control group has no ${name}`);
      try {
        writeFileSync(join(folder.path, name), text, { flag: 'r+' });
        return [`${name}=${text}`];
      } catch (error) {
        // Swap accounting is a kernel option; without it a group has no such file, as its making said.
        const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (absent && /memsw|swap/.test(name)) return [];
        throw error;
      }
    }),
  );
}
