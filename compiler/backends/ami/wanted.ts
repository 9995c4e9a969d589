import type { BuildImages } from '../../ir/obligation.ts';
import { enforceables, type Obligation, type Policy } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';

/** Which images of the template are built; undefined where none is. */
export function wantedImages({ obligations }: Policy): (Obligation & BuildImages) | undefined {
  const images = obligations.find((each) => each.kind === 'build-images');
  if (images?.kind !== 'build-images') return undefined;
  return images.regions.length > 0 && images.architectures.length > 0 ? images : undefined;
}

/** Every rule is enforced alike: whoever launches decides by all of them. */
export function launchCoverage(policy: Policy, enforced: string): readonly Coverage[] {
  return enforceables(policy).map(({ id }) => ({ rule: id, status: 'full', enforced }));
}
