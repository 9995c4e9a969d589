import { answerRequest } from '../../runtime/guardrail/answer.ts';
import type { Choice } from '../../runtime/guardrail/approval/decide.ts';
import { actor } from '../audit/place.ts';
import { type Command, defineCommand } from '../command.ts';
import { diagnosticFields } from '../diagnostic-fields.ts';
import { exitCode } from '../exit-codes.ts';
import { printDiagnostics } from '../output.ts';
import { guardrailSummaries } from '../summaries.ts';
import { policyWords } from './load-policies.ts';
import { callLines, outcomeText } from './outcome-text.ts';
import { notifyOption, sessionOptions, withSession } from './session.ts';

/** `polc guardrail approve` and `reject`, which differ in what is done. */
export function answerCommand(choice: Choice): Command {
  return defineCommand(
    {
      name: `guardrail ${choice}`,
      summary: guardrailSummaries[choice],
      operands: choice === 'approve' ? 'TOKEN [POLICY]...' : 'TOKEN',
      operandCount: { least: 1, most: choice === 'approve' ? Number.POSITIVE_INFINITY : 1 },
      completes: 'files',
      options: { ...notifyOption, ...sessionOptions },
      details:
        choice === 'approve'
          ? 'The token is that of the message. The plan is made again from the policies, which must be what they were when approval was asked for; without POLICY the folder POLICY_DIR is read, or policies. Ends with 4 where the approval does not count.'
          : 'The token is that of the message. Ends with 4 where it does not count.',
      examples: [`polc guardrail ${choice} polc1.eyJpZCI6...`],
    },
    async ({ options, operands: [token = '', ...words] }, terminal) => {
      const request = {
        verb: choice,
        policies: choice === 'approve' ? policyWords(words) : undefined,
        dryRun: options['dry-run'],
        notify: !options['no-notify'],
        audit: options.audit,
      };
      return withSession(request, terminal, async ({ world, guardrails }) => {
        const answer = await answerRequest(choice, token, guardrails, actor(), world);
        const { result, policy, outcome, diagnostics } = answer;
        if (options.format === 'json') {
          const fields = {
            dry_run: options['dry-run'],
            result,
            ...(policy === undefined ? {} : { policy }),
            ...(outcome === undefined ? {} : { outcome: outcome.result, calls: outcome.calls }),
            ...(outcome?.expires === undefined ? {} : { expires: outcome.expires }),
            diagnostics: diagnostics.map(diagnosticFields),
          };
          terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
        } else {
          if (result === 'rejected') terminal.write(`✔ ${policy} is rejected; nothing was done\n`);
          if (outcome !== undefined) terminal.write(`${policy} ${outcomeText(outcome)}\n${callLines(outcome.calls)}`);
          if (diagnostics.length > 0) await printDiagnostics(diagnostics, [], 'pretty', terminal);
        }
        if (result === 'refused') return exitCode.refused;
        const wrong = result === 'failed' || diagnostics.some(({ severity }) => severity === 'error');
        return wrong ? exitCode.environment : exitCode.fine;
      });
    },
  );
}
