import { type ApplyOutcome, applyTenancy, restoreTenancy } from '../../../runtime/tenancy/apply.ts';
import { foundElsewhere } from '../../../runtime/tenancy/elsewhere.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { summaries } from '../../summaries.ts';
import { planJson, planText } from '../../tenancy/plan-text.ts';
import { actingOptions, readSeconds, sessionOptions, withTenancy, wrongSeconds } from '../../tenancy/session.ts';

export const command = defineCommand(
  {
    name: 'apply',
    summary: summaries.apply,
    operands: '[POLICY]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      ...sessionOptions,
      ...actingOptions,
      timeout: { type: 'text', value: 'SECONDS', doc: 'how long the operator has to enforce it', default: '30' },
      force: { type: 'flag', doc: 'take back fields that others changed' },
      restore: { type: 'flag', doc: 'put back what a run that was cut off has changed, and apply nothing' },
    },
    details:
      'Ends with 3 where it failed: then what was there before is there again, unless an error says what is left. A run that was killed is finished by the next one.',
    examples: ['polc tenancy apply platform.yaml', 'polc tenancy apply platform.yaml --dry-run'],
  },
  async ({ options, operands: [policy] }, terminal) => {
    const timeout = readSeconds(options.timeout);
    if (timeout === undefined) {
      terminal.writeError(`polc tenancy apply: ${wrongSeconds('timeout', options.timeout)}\n`);
      return exitCode.usage;
    }
    const dryRun = options['dry-run'];
    if (dryRun && options.restore) {
      const help = 'leave one of them out';
      terminal.writeError(`polc tenancy apply: \`--restore\` cannot be tried out\n  = help: ${help}\n`);
      return exitCode.usage;
    }
    return withTenancy({ verb: 'apply', policy, options, acts: !dryRun }, terminal, async ({ world, tenancy }) => {
      const outcome = options.restore
        ? await restoreTenancy(tenancy.policy, world)
        : await applyTenancy(tenancy, { timeout, force: options.force, dryRun }, world);
      const { result, plan, diagnostics } = outcome;
      if (options.format === 'json') {
        const fields = {
          result,
          ...(plan === undefined ? {} : planJson(plan)),
          diagnostics: diagnostics.map(diagnosticFields),
        };
        terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      } else {
        if (plan !== undefined) terminal.write(`${planText(plan)}\n`);
        terminal.write(`${sentence(outcome, options.restore)}\n`);
      }
      const left = isFine(result) ? await foundElsewhere(tenancy, world.cluster) : [];
      printFindings([...diagnostics, ...left], new Map(), terminal);
      const fine = options.restore ? result === 'restored' || result === 'unchanged' : isFine(result);
      return fine ? exitCode.fine : exitCode.environment;
    });
  },
);

function isFine(result: ApplyOutcome['result']): boolean {
  return result === 'applied' || result === 'unchanged' || result === 'checked';
}

function sentence({ result }: ApplyOutcome, restoring: boolean): string {
  switch (result) {
    case 'applied':
      return '✔ applied, and enforced by the operator';
    case 'unchanged':
      return restoring ? '✔ there is nothing to put back' : '✔ the cluster is as the policy says';
    case 'checked':
      return '✔ the server would take it; nothing was changed';
    case 'refused':
      return '✘ nothing was changed';
    case 'restored':
      return `${restoring ? '✔' : '✘'} what was there before is there again`;
    case 'incomplete':
      return '✘ not all could be put back';
    default: {
      const unreachable: never = result;
      return unreachable;
    }
  }
}
