import { acceptText, shortName } from '../../compiler/acceptances.ts';
import type { Compilation } from '../../compiler/compile.ts';
import type { BackendAnswer } from '../../compiler/coverage.ts';

/**
 * What programs of the kernel would hold and nothing holds whole without them, and what is lost with that, such as a level to
 * which nothing else moves the program: the names under which the loss can be accepted, and is not yet. A machine that takes
 * no programs runs no policy that counts on them.
 *
 * @param withPrograms the policy as it was compiled with programs
 * @param without the same without them
 */
export function lostWithoutPrograms(withPrograms: Compilation, without: Compilation): readonly string[] {
  const known = new Map(withPrograms.coverage.map((entry) => [entry.rule, entry]));
  const lost = without.coverage.filter(({ rule, status, accepted, overridden }) => {
    if (status === 'full' || accepted !== undefined || overridden !== undefined) return false;
    const before = known.get(rule);
    return status === 'none' || before?.status === 'full' || before?.answers.some(isHeldByPrograms) === true;
  });
  const names = [...new Set(lost.map(({ topic }) => shortName(topic)))];
  // Whoever accepts the loss of a field accepts that of what is below it.
  return names.filter((name) => !names.some((above) => name.startsWith(`${above}.`)));
}

function isHeldByPrograms({ backend, status }: BackendAnswer): boolean {
  return backend === 'bpf-lsm' && status !== 'none';
}

/** What to write in the policy to be content with that. */
export function acceptanceHelp(lost: readonly string[]): string {
  return `be content without what they would hold: \`${acceptText(lost)}\` in the policy`;
}
