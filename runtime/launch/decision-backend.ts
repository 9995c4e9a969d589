import type { PlacedBackend } from '../../compiler/backends/backend.ts';
import { enforcedByLaunching } from '../../compiler/dialects/launching.ts';

/** For whoever decides launches from a policy and builds nothing of it: nothing is emitted, and nothing lost. */
export const decisionBackend: PlacedBackend = {
  name: 'launch',
  summary: 'nothing: launches are decided from the policy',
  byDefault: true,
  applies: () => true,
  emit: (policy) => ({ artifacts: [], coverage: enforcedByLaunching(policy), diagnostics: [], summary: '' }),
  validate: () => ({ status: 'proven', method: 'nothing is emitted', compared: 0 }),
};
