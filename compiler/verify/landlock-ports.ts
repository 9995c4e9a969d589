import { mostPortRules } from '../backends/landlock/format.ts';
import type { Predicate } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import type { Decision } from '../ir/policy.ts';
import { networkRights } from '../tables/landlock.ts';
import type { Comparison } from './landlock-comparison.ts';
import type { ReadRuleset } from './landlock-reader.ts';

/** Compares every TCP port on either side of every boundary that policy or artifact names. */
export function comparePorts(
  decision: Decision | undefined,
  ruleset: ReadRuleset,
  abi: number,
  comparison: Comparison,
): void {
  for (const [operation, name] of [
    ['bind', 'bind_tcp'],
    ['connect', 'connect_tcp'],
  ] as const) {
    const right = networkRights().find((candidate) => candidate.name === name)!;
    const answers = decision === undefined ? undefined : portAnswers(decision, operation, ruleset.ports);
    const allowed = answers?.reduce((sum, answer) => sum + (answer.allowed ? answer.high - answer.low + 1 : 0), 0);
    const handled = allowed !== undefined && allowed <= mostPortRules && right.abi <= abi;
    comparison.same(`${name} is handled`, (ruleset.handledPorts & right.bit) !== 0n, handled);
    if (answers === undefined || !handled) continue;
    for (const { low, high, allowed: wanted } of answers) {
      for (const port of wanted ? portsOf(low, high) : [low]) {
        const found = ((ruleset.ports.get(port) ?? 0n) & right.bit) !== 0n;
        comparison.same(`TCP ${operation} to port ${port}`, found ? 'allow' : 'deny', wanted ? 'allow' : 'deny');
      }
    }
  }
}

function portsOf(low: number, high: number): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

interface PortAnswer {
  readonly low: number;
  readonly high: number;
  /** At some address at least. */
  readonly allowed: boolean;
}

/** The policy's answers over all ports, cut wherever the policy or the artifact could change its mind. */
function portAnswers(decision: Decision, operation: string, named: ReadonlyMap<number, bigint>): readonly PortAnswer[] {
  const cuts = new Set<number>([0]);
  const cut = (port: number) => {
    if (port >= 0 && port <= 65535) cuts.add(port);
  };
  for (const port of named.keys()) {
    cut(port);
    cut(port + 1);
  }
  for (const rule of decision.rules) {
    for (const number of integersIn(rule.when)) {
      if (number > 65536n) continue;
      cut(Number(number) - 1);
      cut(Number(number));
      cut(Number(number) + 1);
    }
  }
  const starts = [...cuts].sort((left, right) => left - right);
  return starts.map((low, index) => {
    const known: Readonly<Record<string, string | bigint | boolean>> = {
      operation,
      protocol: 'tcp',
      port: BigInt(low),
      outside: true,
    };
    const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
    const refused = verdict !== undefined && verdict.effect.kind !== 'allow' && verdict.effect.kind !== 'log';
    return { low, high: (starts[index + 1] ?? 65536) - 1, allowed: !refused };
  });
}

function integersIn(predicate: Predicate): readonly bigint[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(integersIn);
    case 'not':
      return integersIn(predicate.of);
    case 'in-ranges':
      return predicate.ranges.flatMap((range) => [range.low, range.high]);
    case 'compare':
      return [predicate.left, predicate.right].flatMap((term) => {
        if (term.kind === 'mask') return Array.from({ length: 65536 }, (_, port) => BigInt(port));
        return term.kind === 'literal' && typeof term.value === 'bigint' ? [term.value] : [];
      });
    case 'constant':
    case 'in-set':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return [];
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}
