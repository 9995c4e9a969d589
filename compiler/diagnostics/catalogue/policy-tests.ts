import { entries } from '../entry.ts';

const policy = (tests: string) =>
  `profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno(EPERM)\n    allow: ["@basic-start", read, write]\ntests:\n${tests}`;

const good = policy('  - { syscall: socket, arguments: [AF_UNIX], expect: deny }\n');

/** The tests of a policy, which stand under `tests`. */
export const policyTests = entries({
  POL2110: {
    severity: 'error',
    message: 'a test asks one question, and here is {found}',
    help: 'write one of {known}',
    explanation:
      'Each test asks the policy one thing and says the answer that is expected. What is to be asked twice is two tests.',
    bad: policy('  - { syscall: socket, path: /etc/shadow, expect: deny }\n'),
    good,
  },
  POL2111: {
    severity: 'error',
    message: '`{key}` belongs to a test with `{question}`',
    help: 'remove it, or ask with `{question}`',
    explanation: 'Some keys of a test say more of what is asked, such as the arguments of a system call.',
    bad: policy('  - { path: /etc/shadow, arguments: [AF_UNIX], expect: deny }\n'),
    good,
  },
  POL2112: {
    severity: 'error',
    message: '`{answer}` is no answer to `{question}`',
    help: 'expect what the question can have for an answer',
    explanation:
      'Whether a path may be used or an action done is answered by `allow` or `deny`; verdicts such as `errno(EPERM)` are of system calls, `match` and `no-match` of cost events.',
    bad: policy('  - { path: /etc/shadow, expect: errno(EPERM) }\n'),
    good,
  },
});
