import { cutOff } from '../../../runtime/tenancy/apply.ts';
import { type Drift, driftOf } from '../../../runtime/tenancy/drift.ts';
import { foundElsewhere } from '../../../runtime/tenancy/elsewhere.ts';
import { placeText } from '../../../runtime/tenancy/kinds.ts';
import { callProblem } from '../../../runtime/tenancy/problems.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { tenancySummaries } from '../../summaries.ts';
import { sessionOptions, withTenancy } from '../../tenancy/session.ts';
import { fieldJson, fieldLines, placeJson } from '../../tenancy/value-text.ts';

export const command = defineCommand(
  {
    name: 'tenancy drift',
    summary: tenancySummaries.drift,
    operands: '[POLICY]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: sessionOptions,
    details:
      'Ends with 4 where there is drift. Fields that only others write, and those that the server fills in, are no drift. One request is made for each kind and namespace, and one for each kind over all, however many objects there are.',
    examples: ['polc tenancy drift platform.yaml', 'polc tenancy drift platform.yaml --format json'],
  },
  ({ options, operands: [policy] }, terminal) =>
    withTenancy({ verb: 'drift', policy, options, acts: false }, terminal, async ({ world, tenancy }) => {
      const answer = await driftOf(tenancy, world.cluster);
      if (!answer.ok) {
        printFindings([callProblem(tenancy.policy, answer.failure)], new Map(), terminal);
        return exitCode.environment;
      }
      const { objects, drift } = answer.value;
      if (options.format === 'json') {
        const fields = {
          policy: tenancy.policy,
          objects,
          drift: drift.map((each) => ({
            ...placeJson(each.place),
            drift: each.drift,
            fields: each.fields.map(fieldJson),
          })),
        };
        terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      } else if (drift.length === 0) {
        terminal.write(`✔ no drift in ${objects} ${objects === 1 ? 'object' : 'objects'}\n`);
      } else {
        for (const each of drift) {
          terminal.write(`✘ ${placeText(each.place)} ${sentences[each.drift]}\n`);
          for (const field of each.fields) terminal.write(fieldLines(field, '    '));
        }
      }
      const left = [...cutOff(tenancy.policy, world), ...(await foundElsewhere(tenancy, world.cluster))];
      printFindings(left, new Map(), terminal);
      return drift.length === 0 ? exitCode.fine : exitCode.refused;
    }),
);

const sentences: Readonly<Record<Drift['drift'], string>> = {
  missing: 'is not there',
  surplus: 'is there, and the policy has none such',
  changed: 'was changed by others',
  unapplied: 'is of another version of the policy',
};
