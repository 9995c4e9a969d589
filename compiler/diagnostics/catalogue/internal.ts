import { entries } from '../entry.ts';

export const internal = entries({
  POL9000: {
    severity: 'error',
    message: 'polc failed in {phase}: {what}',
    help: 'this is a bug in polc; please report it with the policy',
    explanation:
      'The compiler never throws on any input. Where it does, the exception becomes this message and nothing is written.',
  },
  POL9002: {
    severity: 'error',
    message: 'the {backend} artifact does not mean what the policy means: {counterexample}',
    help: 'nothing was written; please report this with the policy',
    explanation:
      'Every artifact is decoded again and compared with the policy before it is written. This one differed, so it was refused.',
  },
  POL9001: {
    severity: 'error',
    message: 'the compiler failed while it worked on this file: {failure}',
    help: 'this is a mistake in polc, not in your policy: please report it with the file',
    explanation: `Something in the compiler threw where it must not. Nothing was written for this policy. A report with the smallest
file that shows it lets us repair it.`,
  },
});
