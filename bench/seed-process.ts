// `polc build` of seed 002's example as a whole process, beside a Node process that does nothing.
import { join } from 'node:path';
import { root, scratchFolder } from './support/native.ts';
import { acceptingSeedPolicy } from './support/seed-policy.ts';
import { spawner } from './support/spawn.ts';
import { printTable } from './support/table.ts';

const spawn = spawner();
if (spawn !== undefined) {
  process.env.XDG_CACHE_HOME = join(scratchFolder(), 'cache');
  const { path } = acceptingSeedPolicy();
  const node = process.execPath;
  const polc = join(root, 'bin/polc.js');
  const out = (name: string) => ['--out', join(scratchFolder(), name)];
  const [bare = 0, build = 0, unchanged = 0, version = 0] = spawn(31, [
    [node, '-e', '0'],
    [node, polc, 'build', path, '--no-cache', '--max-ms', '0', ...out('built')],
    [node, polc, 'build', path, '--max-ms', '0', ...out('cached')],
    [node, polc, '--version'],
  ]).map(({ elapsed }) => elapsed);
  const peer = { name: 'node -e 0', value: bare };
  printTable('polc build of seed 002 as a whole process', 'ms', [
    { what: 'compiling it', ours: build, peer, target: bare + 15 },
    { what: 'unchanged, from the cache', ours: unchanged, peer },
    { what: 'polc --version', ours: version, peer },
  ]);
}
