import { mentionedValues } from '../../expressions/mentioned-values.ts';
import type { Decision, Enforceable, Point, Policy, Rule } from '../../ir/policy.ts';
import type { Coverage } from '../backend.ts';
import { obstacleOf } from './cel/extension.ts';

/** Points at which whoever acts asks before it acts; at the others a program acts whether or not somebody was asked. */
const asked: ReadonlySet<Point> = new Set<Point>(['cost-event', 'launch', 'request']);

/** A module decides and holds nothing back itself: that is what its host does. */
export function decisionCoverage(policy: Policy): readonly Coverage[] {
  return policy.decisions.flatMap((decision) => [
    ...decision.rules.map((rule) => ofRule(decision, rule)),
    ofNode(decision, decision.otherwise, []),
  ]);
}

function ofRule(decision: Decision, rule: Rule): Coverage {
  return ofNode(decision, rule, [...mentionedValues([rule.when]).keys()]);
}

function ofNode({ point }: Decision, { id }: Enforceable, mentioned: readonly string[]): Coverage {
  const enforced = `the module decides it, for a host that asks about each ${subjects[point]}`;
  const lost: string[] = [];
  if (!asked.has(point)) lost.push('what acts without asking the module is not held back by it');
  for (const name of mentioned) {
    if (name.startsWith('counter:')) lost.push(`the host keeps the counter \`${name.slice('counter:'.length)}\``);
    if (!/^(condition|value):/.test(name)) continue;
    const obstacle = obstacleOf(name);
    if (obstacle === undefined) continue;
    const text = name.slice(name.indexOf(':') + 1);
    lost.push(`the host works out \`${text}\` itself and tells the module, which does not lower ${obstacle}`);
  }
  return lost.length === 0
    ? { rule: id, status: 'full', enforced }
    : { rule: id, status: 'partial', enforced, lost: lost.join('; ') };
}

const subjects: Readonly<Record<Point, string>> = {
  syscall: 'system call',
  path: 'path',
  socket: 'socket operation',
  signal: 'signal',
  capability: 'capability',
  hook: 'hook',
  'cost-event': 'cost event',
  'aws-request': 'request to AWS',
  launch: 'launch',
  request: 'request',
};
