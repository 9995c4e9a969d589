import { object, required } from '../schema/collections.ts';
import { text } from '../schema/scalars.ts';
import type { Decoded, Located } from '../schema/shape.ts';
import type { Acceptance } from './dialect.ts';

const fields = {
  loss: required(
    text('the name of a rule', undefined, 'loss'),
    'The field, or the part of it, that may stay unenforced: `disk`, `bpf_lsm.file_open`, `adaptive`.',
    'disk',
  ),
  because: required(text('a reason'), 'Why the loss is acceptable.', 'the image has a quota of its own'),
};

/** One entry of `accept:`, in every dialect. */
export const acceptance = object(fields);

/** The entries that are whole. */
export function acceptancesOf(
  list: Located<readonly Located<Decoded<typeof fields>>[]> | undefined,
): readonly Acceptance[] {
  return (list?.value ?? []).flatMap(({ value, span }): Acceptance[] =>
    value.loss === undefined || value.because === undefined
      ? []
      : [{ loss: value.loss.value, because: value.because.value, span }],
  );
}
