import type { profileSummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc profile`; each is loaded only when it is asked for. */
export const profileVerbs: Verbs<keyof typeof profileSummaries> = {
  create: () => import('./create.ts'),
  invite: () => import('./invite.ts'),
  accept: () => import('./accept.ts'),
  show: () => import('./show.ts'),
  list: () => import('./list.ts'),
  use: () => import('./use.ts'),
};
