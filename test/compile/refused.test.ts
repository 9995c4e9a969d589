import { equal, match, not, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import type { Backend } from '../../compiler/backends/backend.ts';
import { seccomp } from '../../compiler/backends/seccomp/index.ts';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('refused');
const policy = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n';

/** Compiles with another `emit` in the seccomp backend's place. */
function withEmit(emit: Backend['emit']) {
  const original = seccomp.emit;
  try {
    Object.assign(seccomp, { emit });
    return compile('web.yaml', policy, nodeHost, { maximumMilliseconds: 0 });
  } finally {
    Object.assign(seccomp, { emit: original });
  }
}

test('an artifact that differs from the policy is refused with a counterexample, and nothing comes out', () => {
  const original = seccomp.emit;
  const result = withEmit((decided, target) => {
    const emission = original(decided, target);
    const artifacts = emission.artifacts.map((artifact) => {
      if (artifact.path !== 'x86_64.bpf' || typeof artifact.content === 'string') return artifact;
      const content = Uint8Array.from(artifact.content);
      // The number that some jump compares with: another call is refused then.
      for (let at = 0; at < content.length; at += 8) {
        if (content[at + 4] === 101 && content[at + 5] === 0) content[at + 4] = 100;
      }
      not.equal([...content], [...artifact.content]);
      return { ...artifact, content };
    });
    return { ...emission, artifacts };
  });
  const refusal = result.diagnostics.find(({ code }) => code === 'POL9002');
  match(refusal?.message ?? '', /^the seccomp artifact does not mean what the policy means: x86_64/);
  equal(result.ok, false);
  equal(result.files, []);
});

test('an exception from within becomes a diagnostic that names the phase', () => {
  const result = withEmit(() => {
    throw new TypeError('not a function');
  });
  equal(
    result.diagnostics.map(({ message }) => message),
    ['polc failed in emit: not a function'],
  );
  ok(result.diagnostics[0]!.notes.length > 0);
  equal(result.files, []);
});

run();
