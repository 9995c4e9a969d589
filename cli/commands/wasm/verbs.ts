import type { wasmSummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc wasm`; each is loaded only when it is asked for. */
export const wasmVerbs: Verbs<keyof typeof wasmSummaries> = {
  harden: () => import('./harden.ts'),
  join: () => import('./join.ts'),
};
