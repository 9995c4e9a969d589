import { nounCommand } from '../../noun-command.ts';
import { guardrailVerbs } from './verbs.ts';

export const command = nounCommand(
  'guardrail',
  'evaluate cost events, respond to them, and take responses back',
  guardrailVerbs,
);
