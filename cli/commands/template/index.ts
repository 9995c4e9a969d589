import { nounCommand } from '../../noun-command.ts';
import { summaries, templateSummaries } from '../../summaries.ts';
import { templateVerbs } from './verbs.ts';

export const command = nounCommand('template', summaries.template, templateVerbs, templateSummaries);
