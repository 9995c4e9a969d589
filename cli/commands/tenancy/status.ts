import { cutOff } from '../../../runtime/tenancy/apply.ts';
import { foundElsewhere } from '../../../runtime/tenancy/elsewhere.ts';
import { placeText } from '../../../runtime/tenancy/kinds.ts';
import { callProblem } from '../../../runtime/tenancy/problems.ts';
import { limitsOfTeam, type PolicyStatus, statusOf, type TenancyStatus } from '../../../runtime/tenancy/status.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { tenancySummaries } from '../../summaries.ts';
import { sessionOptions, withTenancy } from '../../tenancy/session.ts';
import { placeJson } from '../../tenancy/value-text.ts';

export const command = defineCommand(
  {
    name: 'tenancy status',
    summary: tenancySummaries.status,
    operands: '[POLICY]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      ...sessionOptions,
      team: { type: 'text', value: 'NAME', doc: 'only limits that may bind this team' },
      'exit-code': { type: 'flag', doc: 'end with 4 when a policy is not in force' },
    },
    details: 'The limits are those that stand in the cluster, not those of the policy.',
    examples: ['polc tenancy status platform.yaml', 'polc tenancy status platform.yaml --team research'],
  },
  ({ options, operands: [policy] }, terminal) =>
    withTenancy({ verb: 'status', policy, options, acts: false }, terminal, async ({ world, tenancy }) => {
      const answer = await statusOf(tenancy, world.cluster);
      if (!answer.ok) {
        printFindings([callProblem(tenancy.policy, answer.failure)], new Map(), terminal);
        return exitCode.environment;
      }
      const { team } = options;
      const { policies, limits } = answer.value;
      const shown = team === undefined ? limits : limitsOfTeam(limits, team);
      if (options.format === 'json')
        terminal.write(`${JSON.stringify(json({ policies, limits: shown }), undefined, 2)}\n`);
      else terminal.write(text({ policies, limits: shown }));
      const left = [...cutOff(tenancy.policy, world), ...(await foundElsewhere(tenancy, world.cluster))];
      printFindings(left, new Map(), terminal);
      const inForce = policies.every(({ readiness }) => readiness?.ready === true);
      return options['exit-code'] && !inForce ? exitCode.refused : exitCode.fine;
    }),
);

function text({ policies, limits }: TenancyStatus): string {
  let text = '';
  for (const policy of policies) text += `${policyLine(policy)}\n`;
  if (limits.length > 0) text += '\n';
  const width = Math.max(0, ...limits.map(({ subject }) => subject.length));
  for (const { subject, text: amount, inForce } of limits) {
    text += `  ${subject.padEnd(width)}  ${amount}${inForce ? '' : '  (not in force)'}\n`;
  }
  return text;
}

function policyLine({ place, generation, readiness }: PolicyStatus): string {
  if (readiness === undefined) return `✘ ${placeText(place)}  is not there`;
  const sign = readiness.ready ? '✔' : '✘';
  const state = readiness.ready ? 'accepted and enforced' : readiness.reason;
  return `${sign} ${placeText(place)}  generation ${generation ?? '?'}  ${state}`;
}

function json({ policies, limits }: TenancyStatus) {
  return {
    policies: policies.map(({ place, generation, readiness }) => ({
      ...placeJson(place),
      ...(generation === undefined ? {} : { generation }),
      ...(readiness === undefined
        ? { ready: false, reason: 'it is not there' }
        : {
            accepted: readiness.accepted,
            enforced: readiness.enforced,
            current: readiness.current,
            ready: readiness.ready,
            reason: readiness.reason,
          }),
    })),
    limits: limits.map(({ identity, tiers, teams, users, inForce }) => ({
      kind: identity.kind,
      namespace: identity.namespace,
      policy: identity.policy,
      limit: identity.limit,
      amount: identity.amount,
      window_seconds: identity.seconds,
      counters: identity.counters,
      tiers,
      teams,
      users,
      in_force: inForce,
    })),
  };
}
