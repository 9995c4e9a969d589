// A folder of 1,000 policies, no two alike: built by two threads into an empty output, then again with nothing changed.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, scratchFolder } from './support/native.ts';
import { writePolicyFolder } from './support/policy-folder.ts';
import { interleaved } from './support/rounds.ts';
import { printTable } from './support/table.ts';

const count = 1000;
const policies = join(scratchFolder(), 'policies');
const out = join(scratchFolder(), 'out');
const cache = join(scratchFolder(), 'cache');
writePolicyFolder(policies, count);

/** Seconds of one `polc build` of the folder. */
function build(jobs: number): number {
  const start = performance.now();
  execFileSync(
    process.execPath,
    [join(root, 'bin/polc.js'), 'build', policies, '--out', out, '--max-ms', '0', '--jobs', String(jobs)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, XDG_CACHE_HOME: cache },
      maxBuffer: 1 << 28,
    },
  );
  return (performance.now() - start) / 1000;
}

function anew(jobs: number): number {
  rmSync(out, { recursive: true, force: true });
  rmSync(cache, { recursive: true, force: true });
  return build(jobs);
}

const bare = () => {
  const start = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return (performance.now() - start) / 1000;
};

const [two = 0, again = 0, one = 0, node = 0] = interleaved(3, [() => anew(2), () => build(2), () => anew(1), bare]);
const built = readdirSync(out).length - 1;
if (built !== count) throw new Error(`${built} of ${count} policies were built`);
const peer = { name: 'node -e 0', value: node };
printTable('1,000 policies from a folder', 's', [
  { what: 'two threads', ours: two, target: 2, peer: { name: 'one thread', value: one } },
  { what: 'again, unchanged', ours: again, target: 0.3, peer },
]);
