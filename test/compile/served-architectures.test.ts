import { equal } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('served-architectures');

/** The programs that are emitted for the default target, x86_64 and aarch64. */
function programs(mode: string, architectures: string): readonly string[] {
  const seccomp = `security:\n  seccomp:\n    default: errno(EPERM)\n${architectures}    allow: ["@basic-start"]\n`;
  const result = compile('a.yaml', `profile: a\nmode: ${mode}\n${seccomp}`, nodeHost, { maximumMilliseconds: 0 });
  equal(result.ok, true);
  return result.files.map(({ path }) => path).filter((path) => path.endsWith('.bpf') || /launcher\.\w+$/.test(path));
}

test('without a word of the policy, the target’s architectures are served', () => {
  const both = ['launcher/launcher.aarch64', 'launcher/launcher.x86_64', 'seccomp/aarch64.bpf', 'seccomp/x86_64.bpf'];
  equal(programs('sandbox', ''), both);
  equal(
    programs('direct', '').filter((path) => path.endsWith('.bpf')),
    both.slice(2),
  );
});

test('those that the policy names come in, and those that it kills go out', () => {
  const named = programs('sandbox', '    architectures: [x86_64, x86]\n');
  equal(named, ['launcher/launcher.x86_64', 'seccomp/x86.bpf', 'seccomp/x86_64.bpf']);
});

run();
