import { decisionAt } from '../../ir/policy.ts';
import type * as Validate from '../../verify/ami/index.ts';
import type { PlacedBackend } from '../backend.ts';
import type * as Emission from './emission.ts';
import { launchCoverage, wantedImages } from './wanted.ts';

/** What carries a template's policy with the images that are built from it, and how they are built. */
export const ami: PlacedBackend = {
  name: 'ami',
  summary: "images' tags with the policy, the plan of their build, and documents for EC2 Image Builder",
  byDefault: true,
  applies: (policy) =>
    decisionAt(policy, 'launch') !== undefined && policy.obligations.some(({ kind }) => kind === 'describe-template'),
  emit(policy, _target, surroundings) {
    const images = wantedImages(policy);
    if (images === undefined) {
      const coverage = launchCoverage(policy, 'by `polc launch`, which decides from the template');
      return { artifacts: [], coverage, diagnostics: [], summary: 'no images' };
    }
    const { emitImages }: typeof Emission = require('./emission.ts');
    return emitImages(policy, images, surroundings);
  },
  validate(policy, _target, artifacts, surroundings) {
    if (artifacts.length === 0 && wantedImages(policy) === undefined) {
      return { status: 'proven', method: 'no images, and nothing that speaks of any', compared: 1 };
    }
    const { validateImages }: typeof Validate = require('../../verify/ami/index.ts');
    return validateImages(policy, artifacts, surroundings);
  },
};
