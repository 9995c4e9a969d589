import { nounCommand } from '../../noun-command.ts';
import { profileSummaries, summaries } from '../../summaries.ts';
import { profileVerbs } from './verbs.ts';

export const command = nounCommand('profile', summaries.profile, profileVerbs, profileSummaries);
