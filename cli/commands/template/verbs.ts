import type { templateSummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc template`; each is loaded only when it is asked for. */
export const templateVerbs: Verbs<keyof typeof templateSummaries> = {
  list: () => import('./list.ts'),
  info: () => import('./info.ts'),
  build: () => import('./build.ts'),
  status: () => import('./status.ts'),
  sign: () => import('./sign.ts'),
  verify: () => import('./verify.ts'),
  launch: () => import('../launch.ts'),
  approve: () => import('./approve.ts'),
  scan: () => import('./scan.ts'),
};
