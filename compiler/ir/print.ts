import { predicatePieces, printTerm } from '../expressions/print.ts';
import type { Decision, Effect, Enforceable, Limit, Obligation, Policy, Quantity, Quota, Rule } from './policy.ts';
import { printObligation } from './print-obligation.ts';

const WIDTH = 116;

/**
 * The textual IR that `--emit ir` writes and that fixtures review. It holds everything that the IR means, in its order,
 * and no offsets, so that it changes only where the meaning does. Ends with a line feed.
 */
export function printPolicy(policy: Policy): string {
  const lines = [`policy ${policy.name}`];
  for (const decision of policy.decisions) printDecision(decision, lines);
  printLimits(policy.limits, lines);
  const { quotas = [] } = policy;
  if (quotas.length > 0) lines.push('', 'quotas');
  for (const quota of quotas) printQuota(quota, lines);
  printObligations(policy.obligations, lines);
  if (policy.adaptive !== undefined) lines.push('', `starts in ${policy.adaptive.start}`);
  for (const { level, decisions, limits, obligations } of policy.adaptive?.levels ?? []) {
    lines.push('', `level ${level}`);
    for (const decision of decisions) printDecision(decision, lines);
    printLimits(limits, lines);
    printObligations(obligations, lines);
  }
  return `${lines.join('\n')}\n`;
}

function printLimits(limits: readonly Limit[], lines: string[]): void {
  if (limits.length > 0) lines.push('', 'limits');
  for (const limit of limits) lines.push(`  ${limit.id}: ${printLimit(limit)}`, ...provenance(limit));
}

function printObligations(obligations: readonly Obligation[], lines: string[]): void {
  if (obligations.length > 0) lines.push('', 'obligations');
  for (const obligation of obligations) {
    lines.push(`  ${obligation.id}: ${printObligation(obligation)}`, ...provenance(obligation));
  }
}

/** `allow`, `errno(1)`, `trace(7)`, `audit deny`. */
export function printEffect(effect: Effect): string {
  return 'audit' in effect && effect.audit === true ? `audit ${printKind(effect)}` : printKind(effect);
}

function printKind(effect: Effect): string {
  switch (effect.kind) {
    case 'allow':
    case 'deny':
    case 'log':
    case 'notify':
    case 'kill-thread':
    case 'kill-process':
      return effect.kind;
    case 'errno':
      return `errno(${effect.errno})`;
    case 'trap':
    case 'trace':
      return `${effect.kind}(${effect.data})`;
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

function printDecision(decision: Decision, lines: string[]): void {
  lines.push('', `decision ${decision.point}, ${decision.combine}`);
  for (const rule of decision.rules) printRule(rule, lines);
  const { otherwise } = decision;
  lines.push(`  ${otherwise.id}: otherwise ${printEffect(otherwise.effect)}`, ...provenance(otherwise));
}

function printRule(rule: Rule, lines: string[]): void {
  const start = `  ${rule.id}: ${printEffect(rule.effect)}${rule.optional === true ? ', where present,' : ''} when`;
  wrap(start, predicatePieces(rule.when), lines);
  lines.push(...provenance(rule));
}

function printQuota(quota: Quota, lines: string[]): void {
  const counters = quota.counters.map(printTerm).join(', ');
  const each = counters === '' ? '' : ` for each ${counters}`;
  const start = `  ${quota.id}: at most ${quota.amount} ${quota.resource} in ${quota.windowMilliseconds} ms${each} when`;
  wrap(start, predicatePieces(quota.when), lines);
  lines.push(...provenance(quota));
}

/** Where the node comes from, and what was merged into it, the ids of one source together. */
function provenance(node: Enforceable): readonly string[] {
  const lines = [`    from ${source(node)}`];
  const bySource = new Map<string, string[]>();
  for (const merged of node.merged ?? []) {
    const from = `${source(merged)}${merged.overridden === undefined ? '' : `, overridden by ${merged.overridden}`}`;
    const ids = bySource.get(from);
    if (ids === undefined) bySource.set(from, [merged.id]);
    else ids.push(merged.id);
  }
  for (const [from, ids] of bySource) {
    wrap('    with', [...ids.map((id, at) => (at < ids.length - 1 ? `${id},` : id)), `from ${from}`], lines);
  }
  return lines;
}

function wrap(start: string, pieces: readonly string[], lines: string[]): void {
  let line = start;
  for (const piece of pieces) {
    if (line.length + 1 + piece.length > WIDTH) {
      lines.push(line);
      line = `      ${piece}`;
    } else {
      line += ` ${piece}`;
    }
  }
  lines.push(line);
}

function source(node: Enforceable): string {
  return node.origin.by === undefined ? node.topic : `${node.topic}, by ${node.origin.by}`;
}

function printLimit(limit: Limit): string {
  return `${limit.resource} at most ${printQuantity(limit.ceiling)}`;
}

function printQuantity(quantity: Quantity): string {
  const amount = quantity.amount === Number.POSITIVE_INFINITY ? 'unlimited' : String(quantity.amount);
  return quantity.unit === 'count' ? amount : `${amount} ${quantity.unit}`;
}
