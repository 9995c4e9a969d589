import { nounCommand } from '../../noun-command.ts';
import { summaries, tenancySummaries } from '../../summaries.ts';
import { tenancyVerbs } from './verbs.ts';

export const command = nounCommand('tenancy', summaries.tenancy, tenancyVerbs, tenancySummaries);
