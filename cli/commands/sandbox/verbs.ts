import type { sandboxSummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc sandbox`; each is loaded only when it is asked for. */
export const sandboxVerbs: Verbs<keyof typeof sandboxSummaries> = {
  load: () => import('./load.ts'),
  unload: () => import('./unload.ts'),
  status: () => import('./status.ts'),
  zygotes: () => import('./zygotes.ts'),
};
