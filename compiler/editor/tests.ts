import { testsIn } from '../policy-tests/tests-in.ts';
import type { Span } from '../source/span.ts';
import type { EditorDocument } from './document.ts';

export interface TestInText {
  readonly name: string;
  /** The whole test. */
  readonly span: Span;
}

/** The tests of a policy, as far as they can be read. */
export function testsOf({ documents, dialect, role }: EditorDocument): readonly TestInText[] {
  if (role !== 'policy') return [];
  return testsIn(documents[0]?.root, dialect).map(({ value, span }) => ({ name: value.name, span }));
}
