import { appliedAnnotation } from '../../runtime/tenancy/desired.ts';
import { placeText } from '../../runtime/tenancy/kinds.ts';
import type { PlanStep, TenancyPlan } from '../../runtime/tenancy/plan.ts';
import type { Said } from './settings.ts';
import { fieldJson, fieldLines, placeJson } from './value-text.ts';

const signs: Readonly<Record<PlanStep['action'], string>> = {
  create: '+',
  update: '~',
  delete: '-',
  unchanged: '=',
  foreign: '!',
};

/** What a plan says, for people. */
export function planText({ policy, server, steps, limits }: TenancyPlan): string {
  let text = `${policy} → ${server}\n`;
  for (const step of steps) {
    text += `  ${signs[step.action]} ${step.action.padEnd(9)} ${placeText(step.place)}\n`;
    for (const change of shown(step)) text += fieldLines(change, '      ');
  }
  if (limits.length > 0) text += '\nwhat it means\n';
  for (const { meaning } of limits) text += `  ${meaning}\n`;
  const renamed = limits.filter(({ change, limit, to }) => change === 'renamed' && limit !== to);
  if (renamed.length > 0) text += '\nmetrics of the rate limiter, by limit_name\n';
  for (const { limit, to = '' } of renamed) text += `  ${limit} → ${to}\n`;
  return text;
}

/** Where the gateway was said, for people. */
export function gatewayText(gateway: Said | undefined, namespace: Said | undefined): string {
  if (gateway === undefined || namespace === undefined) return '';
  const by = gateway.by === namespace.by ? gateway.by : `${gateway.by} and ${namespace.by}`;
  return `gateway ${namespace.value}/${gateway.value}, by ${by}\n`;
}

export function planJson({ policy, hash, server, steps, limits }: TenancyPlan) {
  return {
    policy,
    policy_hash: hash,
    cluster: server,
    objects: steps.map((step) => ({
      action: step.action,
      ...placeJson(step.place),
      ...(step.changes.length === 0 ? {} : { fields: step.changes.map(fieldJson) }),
    })),
    limits: limits.map(({ change, object, limit, to, resets, meaning }) => ({
      change,
      object,
      limit,
      ...(to === undefined ? {} : { to }),
      resets_counters: resets,
      meaning,
    })),
  };
}

/** The digest differs whenever anything does. */
function shown({ changes }: PlanStep): PlanStep['changes'] {
  const telling = changes.filter(({ path }) => path.at(-1) !== appliedAnnotation);
  return telling.length === 0 ? changes : telling;
}
