import { cutOff } from '../../../runtime/tenancy/apply.ts';
import { foundElsewhere } from '../../../runtime/tenancy/elsewhere.ts';
import { changesAnything, planTenancy } from '../../../runtime/tenancy/plan.ts';
import { callProblem } from '../../../runtime/tenancy/problems.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { tenancySummaries } from '../../summaries.ts';
import { gatewayText, planJson, planText } from '../../tenancy/plan-text.ts';
import { sessionOptions, withTenancy } from '../../tenancy/session.ts';

export const command = defineCommand(
  {
    name: 'tenancy plan',
    summary: tenancySummaries.plan,
    operands: '[POLICY]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      ...sessionOptions,
      'exit-code': { type: 'flag', doc: 'end with 4 when there is something to apply' },
    },
    details:
      'Nothing is changed. An option counts more than its environment variable, and that more than the policy. Without POLICY the tiers are those of the ConfigMap that POLICY_TEMPLATE_CONFIGMAP names.',
    examples: ['polc tenancy plan platform.yaml', 'polc tenancy plan platform.yaml --format json'],
  },
  ({ options, operands: [policy] }, terminal) =>
    withTenancy({ verb: 'plan', policy, options, acts: false }, terminal, async (session) => {
      const { world, tenancy, settings, gateway, namespace } = session;
      const planned = await planTenancy(tenancy, world.cluster);
      if (!planned.ok) {
        printFindings([callProblem(tenancy.policy, planned.failure)], new Map(), terminal);
        return exitCode.environment;
      }
      const plan = planned.value;
      if (options.format === 'json') {
        const fields = { ...planJson(plan), gateway, gateway_namespace: namespace, enabled: settings.enabled };
        terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      } else {
        terminal.write(gatewayText(gateway, namespace));
        if (!settings.enabled) terminal.write('ENABLE_POLICY_MANAGEMENT switches applying off\n');
        terminal.write(planText(plan));
      }
      const left = [...cutOff(tenancy.policy, world), ...(await foundElsewhere(tenancy, world.cluster))];
      printFindings(left, new Map(), terminal);
      return options['exit-code'] && changesAnything(plan) ? exitCode.refused : exitCode.fine;
    }),
);
