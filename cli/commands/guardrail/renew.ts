import { type RenewedRequest, renewRequests } from '../../../runtime/guardrail/renew.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { policyWords } from '../../guardrail/load-policies.ts';
import { codeOf, notifyOption, sessionOptions, withSession } from '../../guardrail/session.ts';
import { printDiagnostics } from '../../output.ts';
import { guardrailSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'guardrail renew',
    summary: guardrailSummaries.renew,
    operands: '[POLICY]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      policy: { type: 'text', value: 'ID', doc: 'only the requests of one policy' },
      ...notifyOption,
      ...sessionOptions,
    },
    details:
      'The tokens of the messages before count no more; the new ones are good for an hour. Without POLICY the folder POLICY_DIR is read, or policies. Ends with 3 where something could not be done.',
    examples: ['polc guardrail renew', 'polc guardrail renew policies --policy ci-ec2-spike-manual --no-notify'],
  },
  async ({ options, operands }, terminal) => {
    const request = {
      verb: 'renew',
      policies: policyWords(operands),
      dryRun: options['dry-run'],
      notify: !options['no-notify'],
      audit: options.audit,
    };
    return withSession(request, terminal, async ({ world, guardrails }) => {
      const { requests, diagnostics } = await renewRequests(options.policy, guardrails, world);
      const found = [...diagnostics, ...requests.flatMap((each) => each.diagnostics)];
      if (options.format === 'json') {
        const fields = {
          dry_run: options['dry-run'],
          requests: requests.map(({ expires, diagnostics: own, ...rest }) => ({
            ...rest,
            ...(expires === undefined ? {} : { expires: new Date(expires).toISOString() }),
            diagnostics: own.map(diagnosticFields),
          })),
          diagnostics: diagnostics.map(diagnosticFields),
        };
        terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      } else {
        for (const each of requests) terminal.write(renewedText(each));
        if (requests.length === 0 && diagnostics.length === 0) terminal.write('nothing waits for an approval\n');
        if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
      }
      return requests.some(({ result }) => result === 'failed') ? exitCode.environment : codeOf(found);
    });
  },
);

function renewedText({ policy, breach, result, token, expires }: RenewedRequest): string {
  switch (result) {
    case 'renewed':
      return `✔ ${policy} asks again, until ${new Date(expires ?? 0).toISOString()}
    breach ${breach}
    polc guardrail approve ${token}
    polc guardrail reject ${token}
`;
    case 'would_renew':
      return `· ${policy} would ask again\n    breach ${breach}\n`;
    case 'failed':
      return `✘ ${policy} could not ask again\n    breach ${breach}\n`;
    default: {
      const unreachable: never = result;
      return unreachable;
    }
  }
}
