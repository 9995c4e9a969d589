import { nounCommand } from '../../noun-command.ts';
import { sandboxSummaries, summaries } from '../../summaries.ts';
import { sandboxVerbs } from './verbs.ts';

export const command = nounCommand('sandbox', summaries.sandbox, sandboxVerbs, sandboxSummaries);
