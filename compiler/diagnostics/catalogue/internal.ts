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
});
