import { nounCommand } from '../../noun-command.ts';
import { auditSummaries, summaries } from '../../summaries.ts';
import { auditVerbs } from './verbs.ts';

export const command = nounCommand('audit', summaries.audit, auditVerbs, auditSummaries);
