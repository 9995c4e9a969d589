// A folder of 1,000 policies, no two alike: built by two threads into an empty output without cached results, then again
// with nothing changed. And another, in which no two policies are alike either, but 20 sections on system calls are all
// there are, as where a team has a few kinds of services: what is worked out of a section serves the policies of a thread. Much of the first is the file system's: the same files are written alone beside it. Nothing is
// removed until the end: ext4 passes over every inode that was freed a short time ago (recently_deleted in
// fs/ext4/ialloc.c), which makes creating a file some eight times as slow after `rm -r`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, scratchFolder } from './support/native.ts';
import { writePolicyFolder } from './support/policy-folder.ts';
import { median } from './support/rounds.ts';
import { printTable } from './support/table.ts';

const count = 1000;
const rounds = 3;
const policies = join(scratchFolder(), 'policies');
writePolicyFolder(policies, count);
const roles = 20;
const policiesOfRoles = join(scratchFolder(), 'policies-of-roles');
writePolicyFolder(policiesOfRoles, count, roles);

/** Seconds. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function build(folder: string, out: string, cache: string): void {
  const options = ['--out', out, '--max-ms', '0', '--jobs', '2'];
  execFileSync(process.execPath, [join(root, 'bin/polc.js'), 'build', folder, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, XDG_CACHE_HOME: cache },
    maxBuffer: 1 << 28,
  });
}

/** Writes what was built once more, to another place. */
function writeCopies(files: ReadonlyMap<string, Buffer>): void {
  const made = new Set<string>();
  for (const [path, content] of files) {
    const folder = dirname(path);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    writeFileSync(path, content);
  }
}

const times = {
  anew: [] as number[],
  roles: [] as number[],
  again: [] as number[],
  bare: [] as number[],
  files: [] as number[],
};
for (let round = 0; round < rounds; round++) {
  const out = join(scratchFolder(), `out-${round}`);
  const cache = join(scratchFolder(), `cache-${round}`);
  const copy = join(scratchFolder(), `copy-${round}`);
  times.bare.push(timed(() => execFileSync(process.execPath, ['-e', '0'])));
  times.anew.push(timed(() => build(policies, out, cache)));
  times.roles.push(timed(() => build(policiesOfRoles, `${out}-of-roles`, `${cache}-of-roles`)));
  times.again.push(timed(() => build(policies, out, cache)));
  const built = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = new Map(
    built.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [join(copy, path.slice(out.length)), readFileSync(path)];
    }),
  );
  times.files.push(timed(() => writeCopies(files)));
  const folders = readdirSync(out).length - 1;
  if (folders !== count) throw new Error(`${folders} of ${count} policies were built`);
}
printTable('1,000 policies from a folder', 's', [
  {
    what: 'two threads',
    ours: median(times.anew),
    peer: { name: 'its files alone', value: median(times.files) },
    target: 2,
  },
  {
    what: `two threads, ${roles} sections on calls`,
    ours: median(times.roles),
    peer: { name: 'its files alone', value: median(times.files) },
    target: 2,
  },
  {
    what: 'again, unchanged',
    ours: median(times.again),
    peer: { name: 'node -e 0', value: median(times.bare) },
    target: 0.3,
  },
]);
