import { visible } from '../../../compiler/diagnostics/render/width.ts';
import { steps } from '../../../runtime/launch/build/estimate.ts';
import type { BuildPlan } from '../../../runtime/launch/build/plan.ts';
import type { PlaceState } from '../../../runtime/launch/build/state.ts';
import type { Terminal } from '../../terminal.ts';

/** `us-west-2 (x86_64)` */
export function placeText({
  region,
  architecture,
}: {
  readonly region: string;
  readonly architecture: string;
}): string {
  return `${region} (${architecture})`;
}

/**
 * Tells people of each place what they have to know of it once: what was started, what came of it. The rest is a line that
 * the next one replaces.
 */
export function teller(plan: BuildPlan, terminal: Pick<Terminal, 'write' | 'progress'>): (place: PlaceState) => void {
  const told = new Map<string, string>();
  const once = (place: PlaceState, what: string, line: string) => {
    if (told.get(place.name) === what) return;
    told.set(place.name, what);
    terminal.write(`${visible(line)}\n`);
  };
  return (place) => {
    const at = placeText(place.planned);
    const { image = '', instance, failure } = place;
    if (failure !== undefined) once(place, `failed ${place.attempt}`, `✗ ${at}: ${failure.stage} failed`);
    else if (place.complete) once(place, 'complete', `✓ ${at}: ${image} - Complete`);
    else if (place.stage === steps.copy && place.image !== undefined) {
      once(place, 'copying', `→ Copying AMI to ${at}: ${image}`);
    } else if (instance !== undefined && place.image === undefined && !place.configured) {
      once(place, `building ${place.attempt}`, `→ Building AMI in ${at}: ${instance}`);
    }
    if (!place.complete) terminal.progress(visible(`${plan.template}: ${at} ${place.percent}% - ${place.stage}`));
  };
}
