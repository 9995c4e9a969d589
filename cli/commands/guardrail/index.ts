import { nounCommand } from '../../noun-command.ts';
import { guardrailSummaries, summaries } from '../../summaries.ts';
import { guardrailVerbs } from './verbs.ts';

export const command = nounCommand('guardrail', summaries.guardrail, guardrailVerbs, guardrailSummaries);
