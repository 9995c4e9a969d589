import { parseNetwork } from '../expressions/network.ts';
import { attribute, type Predicate, type Range, type Term, type Value } from '../expressions/predicate.ts';
import { printPredicate, printTerm, printValue } from '../expressions/print.ts';
import { type AttributeType, attributeAt } from './points.ts';
import {
  contributors,
  type Decision,
  type Effect,
  enforceables,
  type Limit,
  type Obligation,
  type Point,
  type Policy,
  type Quota,
} from './policy.ts';

const LARGEST = 0xffff_ffff_ffff_ffffn;
const UNITS: Readonly<Record<string, Limit['ceiling']['unit']>> = {
  memory: 'bytes',
  cpu: 'cpus',
  pids: 'count',
  disk: 'bytes',
  timeout: 'milliseconds',
  'open-requests': 'count',
  spending: 'dollars',
};

/**
 * Checks what the IR's types cannot say. A dialect's lowering or a pass that breaks one of these has a bug, whatever the
 * source was, so the answers are plain sentences for whoever repairs polc; there are none for a sound policy.
 */
export function verifyPolicy(policy: Policy): readonly string[] {
  const problems: string[] = [];
  if (!/^[A-Za-z0-9._-]+$/.test(policy.name))
    problems.push(`the name ${JSON.stringify(policy.name)} cannot name a folder`);
  checkIds(policy, problems);
  const seen = new Set<Point>();
  for (const decision of policy.decisions) {
    if (seen.has(decision.point)) problems.push(`two decisions at the point ${decision.point}`);
    seen.add(decision.point);
    checkDecision(decision, problems);
  }
  for (const limit of policy.limits) checkLimit(limit, problems);
  for (const quota of policy.quotas ?? []) checkQuota(quota, problems);
  for (const obligation of policy.obligations) {
    if (obligation.kind === 'private-layer' && !isCanonicalPath(obligation.path)) {
      problems.push(`${obligation.id}: the path ${obligation.path} is not canonical`);
    }
    if (obligation.kind === 'count-calls' || obligation.kind === 'audit-calls') checkCalls(obligation, problems);
    if (obligation.kind === 'transition' && obligation.when !== undefined)
      checkPredicate(obligation.when, 'syscall', problems);
  }
  for (const { decisions, limits } of policy.adaptive?.levels ?? []) {
    for (const decision of decisions) checkDecision(decision, problems);
    for (const limit of limits) checkLimit(limit, problems);
  }
  return problems;
}

function checkIds(policy: Policy, problems: string[]): void {
  const ids = new Set<string>();
  for (const node of enforceables(policy)) {
    for (const contributor of contributors(node)) {
      if (ids.has(contributor.id)) problems.push(`the id ${contributor.id} is used twice`);
      ids.add(contributor.id);
      const { start, end } = contributor.origin.span;
      if (!(start >= 0 && start <= end)) problems.push(`${contributor.id}: the span ${start} to ${end} is not a span`);
      if (contributor.topic === '') problems.push(`${contributor.id}: no topic`);
      if (contributor !== node && contributor.merged !== undefined) {
        problems.push(`${contributor.id}: was merged into ${node.id} and holds merged nodes itself`);
      }
    }
  }
}

function checkDecision(decision: Decision, problems: string[]): void {
  const { otherwise } = decision;
  checkEffect(otherwise.effect, otherwise.id, decision.point, problems);
  for (const rule of decision.rules) {
    checkEffect(rule.effect, rule.id, decision.point, problems);
    if (decision.combine === 'union-of-allows' && rule.effect.kind !== 'allow') {
      problems.push(`${rule.id}: the effect ${rule.effect.kind} in a union of allows`);
    }
    const before = problems.length;
    checkPredicate(rule.when, decision.point, problems);
    for (let at = before; at < problems.length; at += 1) problems[at] = `${rule.id}: ${problems[at]}`;
  }
}

function checkEffect(effect: Effect, id: string, point: Point, problems: string[]): void {
  const number = effect.kind === 'errno' ? effect.errno : 'data' in effect ? effect.data : 0;
  if (!Number.isInteger(number) || number < 0 || number > 0xffff) {
    problems.push(`${id}: ${effect.kind} with ${number}, which is not an unsigned 16-bit number`);
  }
  if (
    point !== 'syscall' &&
    point !== 'hook' &&
    effect.kind !== 'allow' &&
    effect.kind !== 'deny' &&
    effect.kind !== 'log'
  ) {
    problems.push(`${id}: the effect ${effect.kind} at the point ${point}`);
  }
  if (point !== 'hook' && 'audit' in effect) problems.push(`${id}: an audited effect at the point ${point}`);
  if (point === 'syscall' && effect.kind === 'deny') problems.push(`${id}: the effect deny at the point syscall`);
}

function checkLimit(limit: Limit, problems: string[]): void {
  const { amount, unit } = limit.ceiling;
  const expected = UNITS[limit.resource];
  if (expected !== undefined && expected !== unit) problems.push(`${limit.id}: ${limit.resource} in ${unit}`);
  if (Number.isNaN(amount) || amount < 0) problems.push(`${limit.id}: a ceiling of ${amount}`);
  else if (unit !== 'cpus' && unit !== 'dollars' && amount !== Number.POSITIVE_INFINITY && !Number.isInteger(amount)) {
    problems.push(`${limit.id}: ${amount} ${unit} is not whole`);
  }
}

function checkQuota({ id, amount, windowMilliseconds, when, counters }: Quota, problems: string[]): void {
  const before = problems.length;
  if (!Number.isSafeInteger(amount) || amount < 0) problems.push(`an amount of ${amount}`);
  if (!Number.isSafeInteger(windowMilliseconds) || windowMilliseconds < 1) {
    problems.push(`a window of ${windowMilliseconds} ms`);
  }
  checkPredicate(when, 'request', problems);
  for (const counter of counters) {
    if (counter.kind !== 'attribute') problems.push(`the counter ${printTerm(counter)} is not an attribute`);
    else checkTerm(counter, 'request', problems);
  }
  for (let at = before; at < problems.length; at += 1) problems[at] = `${id}: ${problems[at]}`;
}

function checkCalls(obligation: Obligation & { kind: 'count-calls' | 'audit-calls' }, problems: string[]): void {
  const before = problems.length;
  checkPredicate(obligation.when, 'hook', problems);
  if (obligation.kind === 'count-calls') {
    const { counter, hook, by, windowMilliseconds } = obligation;
    if (!counter.startsWith(`${hook}/`)) problems.push(`the counter ${counter} is not one of ${hook}`);
    if (!Number.isSafeInteger(windowMilliseconds) || windowMilliseconds < 1) {
      problems.push(`a window of ${windowMilliseconds} ms`);
    }
    for (const name of by) expectType(attribute(name), ['integer'], 'hook', problems);
  }
  for (let at = before; at < problems.length; at += 1) problems[at] = `${obligation.id}: ${problems[at]}`;
}

function checkPredicate(predicate: Predicate, point: Point, problems: string[]): void {
  switch (predicate.kind) {
    case 'constant':
      return;
    case 'not':
      checkPredicate(predicate.of, point, problems);
      return;
    case 'and':
    case 'or':
      for (const operand of predicate.of) checkPredicate(operand, point, problems);
      return;
    case 'compare': {
      const left = checkTerm(predicate.left, point, problems);
      const right = checkTerm(predicate.right, point, problems);
      if (left !== undefined && right !== undefined && !comparable(left, right)) {
        problems.push(`${printPredicate(predicate)} compares ${left} with ${right}`);
      }
      const ordered = predicate.operator !== '==' && predicate.operator !== '!=';
      if (ordered && (left === 'boolean' || right === 'boolean')) {
        problems.push(`${printPredicate(predicate)} orders truth values`);
      }
      return;
    }
    case 'in-set':
      expectType(predicate.term, ['string', 'path'], point, problems);
      for (let at = 1; at < predicate.values.length; at += 1) {
        if (predicate.values[at - 1]! < predicate.values[at]!) continue;
        problems.push(
          `the set of ${printTerm(predicate.term)} is not sorted at ${JSON.stringify(predicate.values[at])}`,
        );
      }
      return;
    case 'in-ranges':
      expectType(predicate.term, ['integer'], point, problems);
      checkRanges(predicate.ranges, printTerm(predicate.term), problems);
      return;
    case 'beneath':
      expectType(predicate.term, ['path'], point, problems);
      if (!isCanonicalPath(predicate.pattern)) problems.push(`the path ${predicate.pattern} is not canonical`);
      return;
    case 'glob':
      expectType(predicate.term, ['string', 'path'], point, problems);
      return;
    case 'in-network':
      expectType(predicate.term, ['address'], point, problems);
      if (parseNetwork(predicate.network)?.exact !== true) problems.push(`${predicate.network} is not a CIDR block`);
      return;
    default:
      predicate satisfies never;
  }
}

function expectType(term: Term, expected: readonly AttributeType[], point: Point, problems: string[]): void {
  const type = checkTerm(term, point, problems);
  if (type !== undefined && !expected.includes(type)) {
    problems.push(`${printTerm(term)} is of type ${type} where ${expected.join(' or ')} is needed`);
  }
}

/** The term's type, undefined where it has none: a parameter, or an attribute that the point does not declare. */
function checkTerm(term: Term, point: Point, problems: string[]): AttributeType | undefined {
  switch (term.kind) {
    case 'literal':
      return checkLiteral(term.value, problems);
    case 'attribute': {
      const declared = attributeAt(point, term.name);
      if (declared === undefined) problems.push(`the point ${point} has no attribute ${term.name}`);
      return declared?.type;
    }
    case 'parameter':
      if (term.name === '') problems.push('a parameter without a name');
      return undefined;
    case 'mask':
      if (term.mask < 0n || term.mask > LARGEST)
        problems.push(`the mask 0x${term.mask.toString(16)} is wider than 64 bits`);
      expectType(term.term, ['integer'], point, problems);
      return 'integer';
    default: {
      const unreachable: never = term;
      return unreachable;
    }
  }
}

function checkLiteral(value: Value, problems: string[]): AttributeType {
  if (typeof value === 'bigint') {
    if (value < 0n || value > LARGEST) problems.push(`${value} is not an unsigned 64-bit integer`);
    return 'integer';
  }
  if (typeof value === 'number' && Number.isNaN(value)) problems.push('a literal that is not a number');
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : 'number';
}

function comparable(left: AttributeType, right: AttributeType): boolean {
  const text = (type: AttributeType) => type === 'string' || type === 'path' || type === 'address';
  return left === right || (text(left) && text(right));
}

function checkRanges(ranges: readonly Range[], term: string, problems: string[]): void {
  let previous: Range | undefined;
  for (const range of ranges) {
    if (range.low < 0n || range.high > LARGEST || range.low > range.high) {
      problems.push(`${range.low} to ${range.high} is not a range of unsigned 64-bit integers`);
    }
    if (previous !== undefined && range.low <= previous.high + 1n) {
      problems.push(`the ranges of ${term} are not sorted, disjoint and apart at ${printValue(range.low)}`);
    }
    previous = range;
  }
}

function isCanonicalPath(path: string): boolean {
  if (path === '/') return true;
  if (!path.startsWith('/')) return false;
  return path
    .slice(1)
    .split('/')
    .every((component) => component !== '' && component !== '.' && component !== '..');
}
