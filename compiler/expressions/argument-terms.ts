import type { ArgumentOperand, RuleContext } from './argument-operand.ts';
import { allBits, type WidthGroup } from './argument-width.ts';
import { and, attribute, inSet, or, type Predicate, type Term } from './predicate.ts';

/** The mask of each architecture: what the rule says, and what the kernel takes of the argument. */
export function masksOf(
  { masks }: ArgumentOperand,
  { mask }: WidthGroup,
  { architectures }: RuleContext,
): readonly bigint[] {
  return masks === undefined ? architectures.map(() => mask) : masks.map((written) => written & mask);
}

export function termOf(index: number, mask: bigint): Term {
  const term = attribute(`arg${index}`);
  return mask === allBits ? term : { kind: 'mask', term, mask };
}

/** The predicate of the one width, or of each with its calls. */
export function perWidth(groups: readonly { readonly group: WidthGroup; readonly predicate: Predicate }[]): Predicate {
  if (groups.length === 1) return groups[0]!.predicate;
  return or(...groups.map(({ group, predicate }) => and(inSet(attribute('syscall'), group.syscalls), predicate)));
}

/** One predicate where all architectures agree, by their keys; else each group of them has its own. */
export function perArchitecture(
  predicates: readonly Predicate[],
  keys: readonly string[],
  { architectures }: RuleContext,
): Predicate {
  const groups = new Map<string, number[]>();
  keys.forEach((key, at) => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [at]);
    else group.push(at);
  });
  if (groups.size === 1) return predicates[0]!;
  return or(
    ...[...groups.values()].map((group) =>
      and(
        inSet(
          attribute('arch'),
          group.map((at) => architectures[at]!),
        ),
        predicates[group[0]!]!,
      ),
    ),
  );
}
