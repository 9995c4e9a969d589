import { grouped } from '../../diagnostics/grouped.ts';
import type { Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type * as Validate from '../../verify/wasm/index.ts';
import type { Artifact, Emission as Emitted, PlacedBackend, Surroundings, Validation } from '../backend.ts';
import type * as Output from './coverage.ts';
import type * as Emission from './emission.ts';

/** Every decision of a policy as a function of one WebAssembly module, for any engine. */
export const wasm = {
  name: 'wasm' as const,
  summary: 'the decisions as a WebAssembly module, and how to ask it',
  byDefault: false,
  wantedBy: ({ obligations }: Policy) =>
    obligations.some((each) => each.kind === 'run-with' && each.setting === 'runtime' && each.value === 'wasm'),
  applies: ({ decisions }: Policy) => decisions.length > 0,
  part: ({ name, decisions }: Policy): Policy => ({ name, decisions, limits: [], obligations: [] }),
  emit(policy: Policy, _target: Target, surroundings?: Surroundings): Emitted {
    const { decisionArtifacts }: typeof Emission = require('./emission.ts');
    const { decisionCoverage }: typeof Output = require('./coverage.ts');
    const { artifacts, size } = decisionArtifacts(policy, surroundings?.optimiseModule);
    const count = policy.decisions.length;
    return {
      artifacts,
      coverage: decisionCoverage(policy),
      diagnostics: [],
      summary: `${count} decision${count === 1 ? '' : 's'} · ${grouped(size)} B`,
    };
  },
  validate(policy: Policy, _target: Target, artifacts: readonly Artifact[]): Validation {
    const { validateDecisions }: typeof Validate = require('../../verify/wasm/index.ts');
    return validateDecisions(policy, artifacts);
  },
} satisfies PlacedBackend;
