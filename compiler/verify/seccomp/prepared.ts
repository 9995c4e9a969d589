import type { Decision } from '../../ir/policy.ts';
import { bitOrder } from './bit-order.ts';
import { Diagrams } from './diagram.ts';
import { type Mentioned, mentionedBy } from './mentioned.ts';

/** What has been put into diagrams of a decision, for the programs that are still to be compared with it. */
export interface Prepared {
  readonly diagrams: Diagrams;
  /** The numbers that the decision names. */
  readonly mentioned: readonly number[];
  /** The diagram over numbers and arguments, by the architectures whose numbers they are. */
  readonly nodes: Map<string, number>;
}

interface Kept extends Prepared {
  /** The related slots for which the order of bits was made. */
  readonly related: string;
}

/** As long as the decision is in use: decisions are immutable. */
const prepared = new WeakMap<Decision, Kept>();

/**
 * The diagrams of a decision without parameters, those of the last program if there are any: the programs of a target and
 * the launchers' filters are then compared with one diagram of the policy.
 *
 * @param relatedByProgram the slots of arguments that the program compares with each other
 * @param budget steps of work
 * @param keep false for diagrams that nobody is to use again
 */
export function prepare(
  decision: Decision,
  relatedByProgram: readonly number[],
  budget: number,
  keep: boolean,
): Prepared {
  const known = keep ? prepared.get(decision) : undefined;
  if (known !== undefined && relatedByProgram.length === 0 && known.related === '' && known.diagrams.renew())
    return known;
  const mentioned = mentionedBy(decision);
  const { related } = withRelated(mentioned, relatedByProgram);
  const made: Kept = {
    diagrams: new Diagrams(budget, bitOrder(related)),
    mentioned: [...mentioned.numbers],
    nodes: new Map(),
    related: [...related].join(),
  };
  if (keep) prepared.set(decision, made);
  return made;
}

function withRelated(mentioned: Mentioned, more: readonly number[]): Mentioned {
  for (const slot of more) mentioned.related.add(slot);
  return mentioned;
}
