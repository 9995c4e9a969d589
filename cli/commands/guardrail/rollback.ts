import { endResponses } from '../../../runtime/guardrail/end-responses.ts';
import type { Selection } from '../../../runtime/guardrail/outcome.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { callLines } from '../../guardrail/outcome-text.ts';
import { codeOf, sessionOptions, withSession } from '../../guardrail/session.ts';
import { printDiagnostics } from '../../output.ts';
import { guardrailSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'guardrail rollback',
    summary: guardrailSummaries.rollback,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: {
      expired: { type: 'flag', doc: 'those whose time is up, and what an earlier rollback did not finish' },
      policy: { type: 'text', value: 'ID', doc: 'those of one policy' },
      all: { type: 'flag', doc: 'all of them' },
      ...sessionOptions,
    },
    details:
      'Everything that is needed stands in AWS; no policy is read. Ends with 3 where something is left of a response: another rollback goes on with it.',
    examples: ['polc guardrail rollback --expired', 'polc guardrail rollback --policy ci-ec2-spike-manual --dry-run'],
  },
  async ({ options }, terminal) => {
    const { policy } = options;
    const selections: readonly Selection[] = [
      ...(options.expired ? [{ expired: true } as const] : []),
      ...(policy === undefined ? [] : [{ policy }]),
      ...(options.all ? [{ all: true } as const] : []),
    ];
    const [selection] = selections;
    if (selection === undefined || selections.length > 1) {
      const help = 'write one of `--expired`, `--policy ID` and `--all`';
      terminal.writeError(`polc guardrail rollback: it is not said which responses\n  = help: ${help}\n`);
      return exitCode.usage;
    }
    const request = {
      verb: 'rollback',
      policies: undefined,
      dryRun: options['dry-run'],
      notify: false,
      audit: options.audit,
    };
    return withSession(request, terminal, async ({ world, guardrails }) => {
      const { ended, diagnostics } = await endResponses(selection, guardrails, world);
      if (options.format === 'json') {
        const fields = {
          dry_run: options['dry-run'],
          responses: ended.map((each) => ({
            policy: each.policy,
            ...(each.breach === undefined ? {} : { breach: each.breach }),
            complete: each.complete,
            calls: each.calls,
            diagnostics: each.diagnostics.map(diagnosticFields),
          })),
          diagnostics: diagnostics.map(diagnosticFields),
        };
        terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      } else {
        for (const each of ended) {
          const sentence = options['dry-run'] ? 'would end' : each.complete ? 'has ended' : 'is not wholly ended';
          terminal.write(`the response of ${each.policy} ${sentence}\n${callLines(each.calls)}`);
        }
        if (ended.length === 0 && diagnostics.length === 0) terminal.write('there is nothing to take back\n');
        const found = [...diagnostics, ...ended.flatMap((each) => each.diagnostics)];
        if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
      }
      if (ended.some(({ complete }) => !complete) && !options['dry-run']) return exitCode.environment;
      return codeOf([...diagnostics, ...ended.flatMap((each) => each.diagnostics)]);
    });
  },
);
