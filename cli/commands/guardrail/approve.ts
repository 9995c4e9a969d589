import { answerCommand } from '../../guardrail/answer-command.ts';

export const command = answerCommand('approve', 'approve a response that a guardrail asks for, and carry it out');
