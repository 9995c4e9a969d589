import type { auditSummaries } from '../../summaries.ts';
import type { Verbs } from '../../verbs.ts';

/** The verbs of `polc audit`; each is loaded only when it is asked for. */
export const auditVerbs: Verbs<keyof typeof auditSummaries> = {
  verify: () => import('./verify.ts'),
  report: () => import('./report.ts'),
};
