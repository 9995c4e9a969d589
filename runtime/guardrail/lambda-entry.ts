import { writeWhole } from '../audit/write-whole.ts';
import { connectAws } from './aws/sdk.ts';
import { readBudgetMap } from './budget-map.ts';
import { readHistory } from './history.ts';
import { type LambdaSettings, lambdaHandler } from './lambda.ts';
import { readCompiledGuardrail } from './read-compiled.ts';

/**
 * The guardrails of a built handler: `polc build --emit lambda` writes them in a line before this script, each as the
 * sha-256 of its policy and the text of its `guardrail/policy.json`.
 */
declare const polcGuardrails: readonly (readonly [hash: string, compiled: string])[];

/** The texts of `--budget-map` and `--history`; empty where the build was told of none. */
declare const polcBudgetMap: string;
declare const polcHistory: string;

/** The entry of build/lambda.mjs: `handler.handler`. */
export const handler = lambdaHandler({
  guardrails: polcGuardrails.map(([hash, text]) => {
    const compiled = readCompiledGuardrail(text);
    // The function does not start: nothing that came to it would be decided by what it is not able to read.
    if (compiled === undefined) throw new Error('a guardrail in this handler is not of its format; build it again');
    return { compiled, hash };
  }),
  known: knownFrom(polcBudgetMap, polcHistory),
  port: connectAws(),
  approvalUrl: process.env.POLC_APPROVAL_URL,
  write: (text) => writeWhole(1, text, 'standard output'),
  now: Date.now,
  actor: process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'lambda',
});

/** Both texts were read without an error when the handler was built. */
function knownFrom(mapText: string, historyText: string): NonNullable<LambdaSettings['known']> {
  const map = mapText === '' ? undefined : readBudgetMap('budget map', mapText).map;
  const history = historyText === '' ? undefined : readHistory('history', historyText).history;
  if ((mapText !== '' && map === undefined) || (historyText !== '' && history === undefined)) {
    throw new Error('the budget map or the history in this handler cannot be read; build it again');
  }
  return { ...(map === undefined ? {} : { budgetMap: map }), ...(history === undefined ? {} : { history }) };
}
