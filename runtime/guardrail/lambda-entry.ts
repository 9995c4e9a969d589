import { writeWhole } from '../audit/write-whole.ts';
import { connectAws } from './aws/sdk.ts';
import { lambdaHandler } from './lambda.ts';
import { readCompiledGuardrail } from './read-compiled.ts';

/**
 * The guardrails of a built handler: `polc build --emit lambda` writes them in a line before this script, each as the
 * sha-256 of its policy and the text of its `guardrail/policy.json`.
 */
declare const polcGuardrails: readonly (readonly [hash: string, compiled: string])[];

/** The entry of build/lambda.mjs: `handler.handler`. */
export const handler = lambdaHandler({
  guardrails: polcGuardrails.map(([hash, text]) => {
    const compiled = readCompiledGuardrail(text);
    // The function does not start: nothing that came to it would be decided by what it is not able to read.
    if (compiled === undefined) throw new Error('a guardrail in this handler is not of its format; build it again');
    return { compiled, hash };
  }),
  port: connectAws(),
  approvalUrl: process.env.POLC_APPROVAL_URL,
  write: (text) => writeWhole(1, text, 'standard output'),
  now: Date.now,
  actor: process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'lambda',
});
