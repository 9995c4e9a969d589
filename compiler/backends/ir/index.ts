import { printPolicy } from '../../ir/print.ts';
import type { Backend } from '../backend.ts';

/** The textual IR: what reviews and fixtures read. It enforces nothing. */
export const ir: Backend = {
  name: 'ir',
  summary: 'the policy as the compiler understands it, as text',
  byDefault: true,
  silent: true,
  applies: () => true,
  emit: (policy) => ({
    artifacts: [{ path: 'policy.ir', content: printPolicy(policy), sourceMap: [] }],
    coverage: [],
    diagnostics: [],
    summary: '',
  }),
  validate(policy, _target, artifacts) {
    const same = artifacts.length === 1 && artifacts[0]!.content === printPolicy(policy);
    return { status: same ? 'proven' : 'refused', method: 'printed again', compared: 1 };
  },
};
