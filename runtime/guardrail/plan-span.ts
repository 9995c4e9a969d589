import type { Span } from '../../compiler/source/span.ts';
import type { Plan } from './plan.ts';

/** What goes wrong in carrying a plan out has no place in a file: it is said of the policy by its id. */
export function planSpan({ policy }: Pick<Plan, 'policy'>): Span {
  return { file: policy, start: 0, end: 0 };
}
