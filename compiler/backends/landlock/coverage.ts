import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import type { Coverage } from '../backend.ts';
import { pathAnswers } from './path-coverage.ts';
import { environmentOf } from './port-access.ts';
import type { LandlockMasks } from './ruleset.ts';
import { socketAnswers } from './socket-coverage.ts';

/** Landlock's answer for every rule of the decisions that it takes part in. */
export function landlockCoverage(
  policy: Policy,
  masks: LandlockMasks,
  architectures: readonly Architecture[],
): readonly Coverage[] {
  return landlockAnswers(policy, architectures)(masks);
}

/** The same for each ABI that is asked about; what does not depend on the ABI is worked out once. */
export function landlockAnswers(
  policy: Policy,
  architectures: readonly Architecture[],
): (masks: LandlockMasks) => readonly Coverage[] {
  const path = decisionAt(policy, 'path');
  const socket = decisionAt(policy, 'socket');
  const signal = decisionAt(policy, 'signal');
  const onPaths = path === undefined ? undefined : pathAnswers(path);
  const onSockets = socket === undefined ? undefined : socketAnswers(socket, policy, architectures);
  return (masks) => {
    const answers: Coverage[] = [];
    onPaths?.(masks.abi, answers);
    onSockets?.(masks, answers);
    if (signal !== undefined) signalCoverage(signal, masks, answers);
    return answers;
  };
}

function signalCoverage(decision: Decision, { abi, scoped }: LandlockMasks, answers: Coverage[]): void {
  const isScoped = (scoped & 2n) !== 0n;
  const refused = (id: string): Coverage =>
    isScoped
      ? { rule: id, status: 'full', enforced: 'the scope of signals' }
      : { rule: id, status: 'none', lost: `the scope of signals needs ABI 6, the target has ${abi}` };
  for (const { id, effect } of decision.rules) {
    answers.push(effect.kind === 'allow' ? { rule: id, status: 'full', enforced: 'left alone' } : refused(id));
  }
  const { id, effect } = decision.otherwise;
  if (effect.kind !== 'deny') {
    answers.push({ rule: id, status: 'full', enforced: 'left alone' });
    return;
  }
  const inside = isScoped && decide(decision, environmentOf({ outside: false }))?.effect.kind === 'deny';
  const answer = refused(id);
  answers.push(inside ? { ...answer, status: 'partial', lost: 'signals inside the sandbox' } : answer);
}
