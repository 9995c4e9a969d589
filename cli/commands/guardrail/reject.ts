import { answerCommand } from '../../guardrail/answer-command.ts';

export const command = answerCommand('reject', 'reject a response that a guardrail asks for');
