import type { Policy } from '../../ir/policy.ts';
import type * as Validate from '../../verify/wasm/index.ts';
import type { Backend } from '../backend.ts';
import type * as Output from './coverage.ts';
import type * as Emission from './emission.ts';

/** Every decision of a policy as a function of one WebAssembly module, for any engine. */
export const wasm: Backend = {
  name: 'wasm',
  summary: 'the decisions as a WebAssembly module, and how to ask it',
  byDefault: false,
  wantedBy: ({ obligations }) =>
    obligations.some((each) => each.kind === 'run-with' && each.setting === 'runtime' && each.value === 'wasm'),
  applies: ({ decisions }) => decisions.length > 0,
  part: ({ name, decisions }): Policy => ({ name, decisions, limits: [], obligations: [] }),
  emit(policy) {
    const { decisionArtifacts }: typeof Emission = require('./emission.ts');
    const { decisionCoverage }: typeof Output = require('./coverage.ts');
    const { artifacts, size } = decisionArtifacts(policy);
    const count = policy.decisions.length;
    return {
      artifacts,
      coverage: decisionCoverage(policy),
      diagnostics: [],
      summary: `${count} decision${count === 1 ? '' : 's'} · ${size.toLocaleString('en-US')} B`,
    };
  },
  validate(policy, _target, artifacts) {
    const { validateDecisions }: typeof Validate = require('../../verify/wasm/index.ts');
    return validateDecisions(policy, artifacts);
  },
};
