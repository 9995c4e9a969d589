import type { Compilation } from '../../compiler/compile.ts';
import { plainOrQuoted, shortName } from '../../compiler/coverage.ts';

/**
 * What programs of the kernel would hold and nothing holds whole without them: the names under which the loss can be accepted,
 * and is not yet. A machine that takes no programs runs no policy that counts on them.
 *
 * @param withPrograms the policy as it was compiled with programs
 * @param without the same without them
 */
export function lostWithoutPrograms(withPrograms: Compilation, without: Compilation): readonly string[] {
  const held = new Set(
    withPrograms.coverage
      .filter(({ answers }) => answers.some(({ backend, status }) => backend === 'bpf-lsm' && status !== 'none'))
      .map(({ rule }) => rule),
  );
  const lost = without.coverage.filter(
    ({ rule, status, accepted, overridden }) =>
      held.has(rule) && status !== 'full' && accepted === undefined && overridden === undefined,
  );
  return [...new Set(lost.map(({ topic }) => lossName(topic)))];
}

/** Of hook programs all together: each file and hook has a name below it. */
function lossName(topic: string): string {
  return topic.startsWith('security.bpf_lsm') ? 'bpf_lsm' : shortName(topic);
}

/** What to write in the policy to be content with that; one line. */
export function acceptanceHelp(lost: readonly string[]): string {
  const entries = lost.map((name) => `{ loss: ${plainOrQuoted(name)}, because: REASON }`).join(', ');
  return `help: or be content without what they would hold: \`accept: [${entries}]\` in the policy`;
}
