import { evaluate } from '../../expressions/evaluate.ts';
import type { Decision, Effect, Rule } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { syscallNumbers } from '../../tables/syscalls.ts';
import type { Target } from '../../target.ts';
import type { Coverage } from '../backend.ts';
import { mentionedNames } from './mentioned-names.ts';
import { ownGrant } from './own-grant.ts';

/** Names beyond this many are counted, not listed. */
const listedNames = 8;

/** What seccomp enforces of each rule of a decision on the target's architectures and kernel. */
export function seccompCoverage(decision: Decision, target: Target): readonly Coverage[] {
  const { otherwise } = decision;
  return [
    ...decision.rules.map((rule) => ruleCoverage(rule, decision, target)),
    effectLoss(otherwise.id, otherwise.effect, decision, target) ?? {
      rule: otherwise.id,
      status: 'full',
      enforced: 'whatever no rule decides',
    },
  ];
}

function ruleCoverage(rule: Rule, decision: Decision, target: Target): Coverage {
  const lossOfEffect = effectLoss(rule.id, rule.effect, decision, target);
  if (lossOfEffect !== undefined) return lossOfEffect;
  const names = mentionedNames(rule.when);
  const relevant = target.architectures.filter((architecture) => mayHold(rule, architecture));
  if (names.size === 0 || relevant.length === 0) return { rule: rule.id, status: 'full' };
  // A call that an architecture has not cannot be made there, so nothing is lost; the dialect says that it is missing.
  if (relevant.some((architecture) => hasAny(names, architecture))) return { rule: rule.id, status: 'full' };
  const lost = relevant.map((architecture) => `${architecture} has no ${listed([...names])}`).join('; ');
  return { rule: rule.id, status: 'none', lost };
}

/** Whether the rule could hold for some call of the architecture, were all names known to it. */
function mayHold(rule: Rule, architecture: Architecture): boolean {
  const environment = {
    attribute: (name: string) => (name === 'arch' ? architecture : undefined),
    parameter: () => undefined,
  };
  return evaluate(rule.when, environment) !== false;
}

function hasAny(names: ReadonlySet<string>, architecture: Architecture): boolean {
  const numbers = syscallNumbers(architecture);
  for (const name of names) if (numbers.has(name)) return true;
  return false;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, listedNames).map((name) => `\`${name}\``);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/**
 * What an older kernel makes of an answer that it does not know (seccomp(2), "Seccomp return values" and VERSIONS), and
 * whom else the program can let answer.
 */
function effectLoss(
  rule: string,
  effect: Effect,
  decision: Decision,
  { kernel, architectures }: Target,
): Coverage | undefined {
  const before = (major: number, minor: number) =>
    kernel.major < major || (kernel.major === major && kernel.minor < minor);
  switch (effect.kind) {
    case 'notify':
      if (!before(5, 0)) return grantLoss(rule, 'the call waits for a supervisor', effect, decision, architectures);
      return { rule, status: 'none', lost: 'a kernel before 5.0 cannot notify a supervisor and kills the thread' };
    case 'log':
      if (!before(4, 14)) return undefined;
      return { rule, status: 'none', lost: 'a kernel before 4.14 cannot log a call and kills the thread' };
    case 'deny':
    case 'kill-process':
      if (!before(4, 14)) return undefined;
      return {
        rule,
        status: 'partial',
        enforced: 'the thread that makes the call is killed',
        lost: 'a kernel before 4.14 leaves the other threads of the process',
      };
    case 'trace':
      return grantLoss(rule, 'the call waits for a tracer', effect, decision, architectures);
    case 'allow':
    case 'errno':
    case 'trap':
    case 'kill-thread':
      return undefined;
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

function grantLoss(
  rule: string,
  enforced: string,
  effect: Effect,
  decision: Decision,
  architectures: readonly Architecture[],
): Coverage | undefined {
  const lost = ownGrant(effect, decision, architectures);
  return lost === undefined ? undefined : { rule, status: 'partial', enforced, lost };
}
