import type { keysSummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc keys`; each is loaded only when it is asked for. */
export const keysVerbs: Verbs<keyof typeof keysSummaries> = {
  generate: () => import('./generate.ts'),
  list: () => import('./list.ts'),
};
