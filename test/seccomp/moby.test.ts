import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok } from 'uvu/assert';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { suite } from '../support/harness.ts';
import { type MobyProfile, mobyDecision } from '../support/moby.ts';
import { measureProgram } from '../support/seccomp-measure.ts';

const { test, skip, run } = suite('seccomp-moby');
const profilePath = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'data', 'moby-default.json');
const title = "moby's profile stays as small and short as it was made";

if (!existsSync(profilePath)) skip(title, 'the profile is not beside the repository');
else {
  test(title, () => {
    const profile = JSON.parse(readFileSync(profilePath, 'utf8')) as MobyProfile;
    const measure = (served: Parameters<typeof mobyDecision>[2], weights: 'uniform' | 'frequency') => {
      const of = mobyDecision(profile, served[0]!, served);
      return measureProgram(compileSyscallDecision(of, served, { weights }).instructions, served[0]!);
    };
    const uniform = measure(['x86_64'], 'uniform');
    ok(uniform.instructions <= 75 && uniform.executed <= 8.8 && uniform.hot <= 8.2, JSON.stringify(uniform));
    const byFrequency = measure(['x86_64'], 'frequency');
    ok(byFrequency.instructions <= 75 && byFrequency.byFrequency <= 6.45, JSON.stringify(byFrequency));
    const three = measure(['x86_64', 'x86', 'x32'], 'uniform');
    ok(three.instructions <= 210, JSON.stringify(three));
  });
}

run();
