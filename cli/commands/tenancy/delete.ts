import { deleteTenancy } from '../../../runtime/tenancy/delete.ts';
import { placeText } from '../../../runtime/tenancy/kinds.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { tenancySummaries } from '../../summaries.ts';
import { actingOptions, sessionOptions, withTenancy } from '../../tenancy/session.ts';
import { placeJson } from '../../tenancy/value-text.ts';

export const command = defineCommand(
  {
    name: 'tenancy delete',
    summary: tenancySummaries.delete,
    operands: '[POLICY]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: { ...sessionOptions, ...actingOptions },
    details:
      'Only objects with the labels of the policy are deleted, each by its uid. The AuthPolicy goes last: without it the gateway lets everybody in.',
    examples: ['polc tenancy delete platform.yaml --dry-run', 'polc tenancy delete platform.yaml'],
  },
  ({ options, operands: [policy] }, terminal) => {
    const dryRun = options['dry-run'];
    return withTenancy({ verb: 'delete', policy, options, acts: !dryRun }, terminal, async ({ world, tenancy }) => {
      const { deleted, complete, diagnostics } = await deleteTenancy(tenancy, { dryRun }, world);
      if (options.format === 'json') {
        const fields = {
          dry_run: dryRun,
          complete,
          deleted: deleted.map(placeJson),
          diagnostics: diagnostics.map(diagnosticFields),
        };
        terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      } else {
        for (const place of deleted) terminal.write(`${dryRun ? 'would delete' : 'deleted'} ${placeText(place)}\n`);
        if (deleted.length === 0 && complete) terminal.write('there is nothing to delete\n');
      }
      printFindings(diagnostics, new Map(), terminal);
      return complete ? exitCode.fine : exitCode.environment;
    });
  },
);
