import type { AcceptanceOf } from './acceptances.ts';
import type { DeployedCoverage } from './coverage.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { report } from './diagnostics/report.ts';
import type { Policy } from './ir/policy.ts';

/** Whether `polc run` alone holds a node: a loss of what is built, which may be accepted and need not be. */
export function isOfRun({ answers }: DeployedCoverage): boolean {
  return answers.some(({ byRunAlone }) => byRunAlone === true);
}

/**
 * Who checks a policy is told what `polc run` alone holds of it: moves to stricter levels, and what it does beside the
 * launcher. Of what is accepted by name its author knows; what forking means for those whom it concerns is said all the same.
 */
export function hintsOfRun(
  { adaptive, obligations }: Policy,
  nodes: readonly DeployedCoverage[],
  acceptanceOf: AcceptanceOf,
): readonly Diagnostic[] {
  const held = new Set(nodes.flatMap((each) => (isOfRun(each) ? [each.node.id] : [])));
  const ofRun = obligations.filter(({ id }) => held.has(id));
  const untold = ofRun.filter((each) => acceptanceOf(each).length === 0);
  const transition = untold.find((each) => each.kind === 'transition' && each.to !== adaptive?.start);
  const settings = untold.filter(({ kind }) => kind === 'run-with');
  const zygote = ofRun.find((each) => each.kind === 'run-with' && each.setting === 'zygote');
  const hints: Diagnostic[] = [];
  if (transition !== undefined) {
    hints.push(report('POL6056', transition.origin.span, { start: adaptive?.start ?? '' }));
  }
  const [first] = settings;
  if (first !== undefined) {
    const topics = settings.map(({ topic }) => `\`${topic}\``).join(', ');
    hints.push(report('POL6057', first.origin.span, { topics }));
  }
  if (zygote !== undefined) hints.push(report('POL5029', zygote.origin.span, {}));
  return hints;
}
