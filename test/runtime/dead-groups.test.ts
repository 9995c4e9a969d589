import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { makeProgramGroup, unifiedMount } from '../../runtime/hook-programs/program-group.ts';
import { sweepDeadGroups } from '../../runtime/sandbox/dead-groups.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('control groups of a polc that was killed');

/** Above every number of a process (proc_sys_kernel(5), pid_max). */
const nobody = 2 ** 22 + 7;

test('what polc named goes when it is empty, old and its polc gone, and nothing else', () =>
  withFolder((folder) => {
    const now = Date.now();
    const names = {
      dead: `polc-web-${nobody}-0a1b2c`,
      alive: `polc-web-${process.pid}-0a1b2c`,
      full: `polc-web-${nobody}-aaaaaa`,
      pinned: 'polc-web',
      other: `web-${nobody}-0a1b2c`,
      longer: `polc-web-${nobody}-0a1b2cd`,
    };
    for (const name of Object.values(names)) mkdirSync(join(folder, name));
    mkdirSync(join(folder, names.full, 'within'));
    sweepDeadGroups(folder, statSync(join(folder, names.dead)).mtimeMs + 59_000);
    assert.is(readdirSync(folder).length, 6);
    sweepDeadGroups(folder, now + 120_000);
    const { dead: _, ...kept } = names;
    assert.equal(readdirSync(folder).sort(), Object.values(kept).sort());
    sweepDeadGroups(join(folder, 'nowhere'), now);
  }));

const kernels = 'a group of the kernel goes with the next that is made, unless it holds another';
const top = process.platform === 'linux' && process.getuid?.() === 0 ? unifiedMount() : undefined;
if (top === undefined) skip(kernels, 'it needs root and control groups of version 2');
else {
  test(kernels, () => {
    const [dead, full] = ['0a1b2c', 'aaaaaa'].map((end) => join(top, `polc-swept-${nobody}-${end}`));
    const old = new Date(Date.now() - 3_600_000);
    for (const group of [dead!, full!, join(full!, 'within')]) mkdirSync(group);
    for (const group of [dead!, full!]) utimesSync(group, old, old);
    const made = makeProgramGroup(`swept-${process.pid}`);
    try {
      assert.equal([existsSync(dead!), existsSync(full!), existsSync(made)], [false, true, true]);
    } finally {
      for (const group of [made, join(full!, 'within'), full!]) rmdirSync(group);
    }
  });
}

run();
