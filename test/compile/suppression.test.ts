import { equal, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('suppression');
const compiled = (policy: string) => compile('web.yaml', policy, nodeHost, { maximumMilliseconds: 0 });

test('no comment turns a policy with an error into one that builds', () => {
  const errors = [
    'profile: web\nmode: sandbox\nsecurity: { seccomp: { default: allow, deny: [io_uring_setup] } }\nperformance:\n  # polc: allow POL6001 because x\n  io_mode: uring\n',
    'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    # polc: allow POL3002 because x\n    deny: [ptraces]\n',
    'profile: web\nmode: sandbox\n# polc: allow POL3020 because x\nextends: absent.yaml\nresources: { pids: 4 }\n',
  ];
  for (const policy of errors) {
    const result = compiled(policy);
    equal(result.ok, false, policy);
    equal(result.files, []);
    ok(result.diagnostics.some(({ code }) => code === 'POL5095'));
  }
});

test('a comment silences a warning, and the files are the same', () => {
  const policy = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: deny\n    allow: [read, write]';
  const loud = compiled(`${policy}\n`);
  const quiet = compiled(`${policy} # polc: allow POL5010 because the program is static\n`);
  equal(
    loud.diagnostics.map(({ code }) => code),
    ['POL5010'],
  );
  equal(quiet.diagnostics, []);
  equal(quiet.suppressed.length, 1);
  equal(
    quiet.files.map(({ path }) => path),
    loud.files.map(({ path }) => path),
  );
});

run();
