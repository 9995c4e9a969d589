import { report } from '../../diagnostics/report.ts';
import { decisionAt, type Rule } from '../../ir/policy.ts';
import { validateEventBridge } from '../../verify/eventbridge/index.ts';
import type { Coverage, PlacedBackend } from '../backend.ts';
import { type EventPattern, eventPattern, mostCharacters } from './pattern.ts';
import { requirementOf } from './requirements.ts';

/** The pattern of an EventBridge rule that sends on only such anomalies as the policy may respond to. */
export const eventbridge: PlacedBackend = {
  name: 'eventbridge',
  summary: 'the event pattern of an EventBridge rule for cost anomalies',
  byDefault: false,
  applies: (policy) => decisionAt(policy, 'cost-event')?.otherwise.effect.kind === 'deny',
  emit(policy) {
    const { rules, otherwise } = decisionAt(policy, 'cost-event')!;
    const pattern = eventPattern(rules);
    if (pattern === undefined) {
      const all = [...rules, otherwise];
      return {
        artifacts: [],
        coverage: all.map(({ id }) => ({
          rule: id,
          status: 'none',
          lost: 'AWS Budgets sends no events to EventBridge',
        })),
        diagnostics: [report('POL6051', sourceRule(rules)?.origin.span ?? otherwise.origin.span, {})],
        summary: '',
      };
    }
    return {
      artifacts: [
        {
          path: 'pattern.json',
          content: pattern.text,
          sourceMap: [...pattern.places].map(([{ id, origin }, at]) => ({ at, rule: id, span: origin.span })),
        },
      ],
      coverage: [
        ...rules.map((rule) => coverageOf(rule, pattern)),
        { rule: otherwise.id, status: 'none', lost: 'a pattern only sends events on: the guardrail runtime responds' },
      ],
      diagnostics: [],
      summary: `${pattern.text.length} characters`,
    };
  },
  validate: (policy, _target, artifacts) => validateEventBridge(policy, artifacts),
};

function sourceRule(rules: readonly Rule[]): Rule | undefined {
  return rules.find((rule) => {
    const required = requirementOf(rule);
    return required !== undefined && 'attribute' in required && required.attribute === 'source';
  });
}

function coverageOf(rule: Rule, { places, leftOut }: EventPattern): Coverage {
  const place = places.get(rule);
  const { id } = rule;
  if (leftOut.includes(rule)) {
    return { rule: id, status: 'none', lost: `the pattern would have more than ${mostCharacters} characters` };
  }
  if (place === undefined) {
    return { rule: id, status: 'none', lost: 'an event pattern cannot ask for it: the guardrail runtime decides' };
  }
  if (place === '/source') {
    return {
      rule: id,
      status: 'partial',
      enforced: 'anomalies by `source` and `detail-type`',
      lost: 'AWS Budgets tells in prose over SNS, for which there is no pattern',
    };
  }
  if (place.startsWith('/detail/rootCauses/')) {
    return {
      rule: id,
      status: 'partial',
      enforced: `\`rootCauses\` of which one has such a \`${place.slice('/detail/rootCauses/'.length)}\`, or none has any`,
      lost: 'that one root cause meets all conditions: each may be met by another, and the guardrail runtime decides',
    };
  }
  return { rule: id, status: 'full', enforced: '`detail.impact.totalImpact`' };
}
