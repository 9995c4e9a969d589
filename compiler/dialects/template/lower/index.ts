import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Policy } from '../../../ir/policy.ts';
import type { Target } from '../../../target.ts';
import type { Layer } from '../inherit.ts';
import { checkCosts } from './costs.ts';
import { describeTemplate } from './describe.ts';
import { lowerImages } from './images.ts';
import { lowerLaunch } from './launch.ts';
import type { Lowering } from './lowering.ts';
import { setupOf } from './setup.ts';
import { checkSetup } from './setup-checks.ts';
import { lowerStart } from './start.ts';
import { allowedTypes } from './types.ts';

/**
 * The meaning of a template: the decision at `launch` denies what one of its layers forbids, and the obligations say what
 * goes with its images, which are built, and how an instance begins.
 *
 * @param layers what is inherited, and the template itself at the end
 */
export function lowerTemplate(layers: readonly Layer[], target: Target, diagnostics: Diagnostic[]): Policy {
  const own = layers.at(-1)!;
  const lowering: Lowering = { layers, own, target, diagnostics };
  const decision = lowerLaunch(lowering);
  const types = allowedTypes(lowering);
  checkSetup(lowering);
  const setup = setupOf(lowering);
  const described = describeTemplate(lowering);
  const images = lowerImages(setup, types, lowering);
  const start = lowerStart(setup, types, lowering);
  checkCosts(described, start, lowering);
  return {
    name: own.name,
    decisions: [decision],
    limits: [],
    obligations: [described, ...(images === undefined ? [] : [images]), start],
  };
}
