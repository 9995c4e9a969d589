import { nounCommand } from '../../noun-command.ts';
import { keysSummaries, summaries } from '../../summaries.ts';
import { keysVerbs } from './verbs.ts';

export const command = nounCommand('keys', summaries.keys, keysVerbs, keysSummaries);
