import { decisionAt } from '../../ir/policy.ts';
import type * as Validate from '../../verify/launch-iam/index.ts';
import type { PlacedBackend } from '../backend.ts';
import type * as Emission from './emission.ts';

/** Policies by which AWS itself refuses launches, for whoever launches without polc. */
export const launchIam: PlacedBackend = {
  name: 'launch-iam',
  summary: 'IAM policies of a launch role, a guard of the tags of images, and Allowed AMIs',
  byDefault: false,
  applies: (policy) => decisionAt(policy, 'launch') !== undefined,
  emit(policy, { aws }, surroundings) {
    const { emitLaunchPolicies }: typeof Emission = require('./emission.ts');
    return emitLaunchPolicies(policy, aws, surroundings);
  },
  validate(policy, { aws }, artifacts, surroundings) {
    const { validateLaunchPolicies }: typeof Validate = require('../../verify/launch-iam/index.ts');
    return validateLaunchPolicies(policy, artifacts, aws, surroundings);
  },
};
