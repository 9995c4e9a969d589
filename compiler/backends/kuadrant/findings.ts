import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { grouped } from '../../diagnostics/grouped.ts';
import { report } from '../../diagnostics/report.ts';
import type { KubernetesTarget } from '../../target.ts';
import type { KuadrantPlan } from './plan.ts';
import type { PredictedSize } from './sizes.ts';

/** From this part of what fits on a policy is said to be nearly too large. */
const nearly = 0.8;

/** What is to be said about the place and the sizes. */
export function kuadrantFindings(
  plan: KuadrantPlan,
  sizes: readonly PredictedSize[],
  { objectBytes }: KubernetesTarget,
): readonly Diagnostic[] {
  const [first] = plan.places;
  const found: Diagnostic[] = [];
  for (const { at, name, origin } of plan.places) {
    if (at === 'gateway') found.push(report('POL6080', origin.span, { gateway: name }));
  }
  const largest = [...sizes].sort((one, other) => other.bytes - one.bytes)[0];
  if (first === undefined || largest === undefined) return found;
  const { object, bytes } = largest;
  const values = { object, bytes: grouped(bytes), most: grouped(objectBytes) };
  if (bytes > objectBytes) found.push(report('POL7221', first.origin.span, values));
  else if (bytes > objectBytes * nearly) found.push(report('POL7220', first.origin.span, values));
  return found;
}
