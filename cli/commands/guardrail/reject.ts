import { answerCommand } from '../../guardrail/answer-command.ts';

export const command = answerCommand('reject');
