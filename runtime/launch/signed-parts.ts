import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { launchRules } from '../../compiler/ir/launch.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import type { Verdict } from '../signing/verdict.ts';
import type { LaunchFacts } from './facts.ts';

/** What a launch is made of and somebody signs: the template, and the image that was built of it. */
export interface SignedPart {
  readonly what: 'template' | 'image';
  readonly verdict: Verdict;
}

export interface Signatures {
  readonly facts: Pick<LaunchFacts, 'signature' | 'authority'>;
  /** The part for which the signature is not valid: first one that is wrong, then one that is missing. */
  readonly lacking?: SignedPart['what'];
}

/**
 * What is known of the signatures of a launch: it is signed where every part is. Rules ask for one authority, and parts may
 * have several, such as a template of the institution and an image of the department that built it: it is the one that a
 * rule refuses, so that each of them has to be trusted. Unknown where it cannot be told which that would be.
 */
export function signaturesOf(policy: Policy, parts: readonly SignedPart[]): Signatures {
  const lacking = (['invalid', 'absent'] as const)
    .map((signature) => parts.find(({ verdict }) => verdict.signature === signature))
    .find((part) => part !== undefined);
  if (parts.length === 0) return { facts: { signature: 'absent' } };
  if (lacking !== undefined) return { facts: { signature: lacking.verdict.signature }, lacking: lacking.what };
  const signers = parts.flatMap(({ verdict }) => (verdict.signature === 'valid' ? [verdict.authority] : []));
  const authorities = [...new Set(signers)];
  const rules = launchRules(policy).filter(({ when }) => mentionedValues([when]).has('authority'));
  const says = (authority: string) => {
    const attribute = (name: string) => (name === 'authority' ? authority : undefined);
    const answers = rules.map(({ when }) => evaluate(when, { attribute, parameter: () => undefined }));
    return { authority, refused: answers.includes(true), doubtful: answers.includes(undefined) };
  };
  const said = authorities.map(says);
  const refused = said.find((each) => each.refused);
  const doubtful = said.filter((each) => each.doubtful);
  const known = refused ?? (doubtful.length > 1 ? undefined : (doubtful[0] ?? said[0]));
  return { facts: { signature: 'valid', ...(known === undefined ? {} : { authority: known.authority }) } };
}
