import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { cgroup } from '../../compiler/backends/cgroup/index.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { refusesAll, reviewBackend } from '../support/backend-fixture.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { limitOf, policyOf } from '../support/policies.ts';

const { test, skip, run } = suite('cgroup');

const everything = policyOf({
  limits: [
    limitOf('memory', 'bytes', 512_000_000),
    limitOf('cpu', 'cpus', 1.5),
    limitOf('pids', 'count', 256),
    limitOf('disk', 'bytes', 1_000_000_000),
    limitOf('timeout', 'milliseconds', 300_000),
    limitOf('rlimit:nofile', 'count', 1024),
  ],
});
const cases: Readonly<Record<string, Policy>> = {
  everything,
  unlimited: policyOf({
    limits: [
      limitOf('memory', 'bytes', Number.POSITIVE_INFINITY),
      limitOf('cpu', 'cpus', Number.POSITIVE_INFINITY),
      limitOf('pids', 'count', Number.POSITIVE_INFINITY),
      limitOf('timeout', 'milliseconds', Number.POSITIVE_INFINITY),
      limitOf('rlimit:core', 'count', Number.POSITIVE_INFINITY),
    ],
  }),
  'small-share': policyOf({ limits: [limitOf('cpu', 'cpus', 0.004)] }),
};

for (const fixture of fixtureCases('cgroup')) {
  test(fixture.name, () => reviewBackend(cgroup, fixture, cases[fixture.name]!, defaultTarget));
}

test('every case has a reviewed fixture', () => {
  assert.equal(
    fixtureCases('cgroup').map(({ name }) => name),
    Object.keys(cases).sort(),
  );
});

test('a changed artifact is refused', () => {
  for (const { path, content } of cgroup.emit(everything, defaultTarget).artifacts) {
    const lines = String(content).split('\n');
    const mutants = lines.flatMap((line, at) =>
      [...line.matchAll(/\d/g)].map((digit) => {
        const changed = `${line.slice(0, digit.index)}${(Number(digit[0]) + 1) % 10}${line.slice(digit.index + 1)}`;
        return { what: changed, text: lines.with(at, changed).join('\n') };
      }),
    );
    assert.ok(refusesAll(cgroup, everything, defaultTarget, path, mutants) > 0);
  }
});

/** The group of this process in a version 1 hierarchy, where it can be written to. */
function ownGroup(controller: string): string | undefined {
  const line = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[1]?.split(',').includes(controller));
  const path = line?.split(':')[2];
  const folder = path === undefined ? undefined : join('/sys/fs/cgroup', controller, path);
  return folder !== undefined && existsSync(folder) && process.getuid?.() === 0 ? folder : undefined;
}

const controllers = ['memory', 'cpu', 'pids'];
if (process.platform !== 'linux' || controllers.some((controller) => ownGroup(controller) === undefined)) {
  skip('the kernel holds the version 1 files', 'needs root and version 1 controllers');
} else {
  test('the kernel takes every version 1 file in its order and says it back', () => {
    const groups = controllers.map((controller) => join(ownGroup(controller)!, `polc-test-${process.pid}`));
    for (const group of groups) mkdirSync(group);
    try {
      fc.assert(
        fc.property(
          fc.integer({ min: 5_000, max: 500_000 }),
          fc.double({ min: 0.001, max: 4, noNaN: true }),
          fc.integer({ min: 1, max: 4_000 }),
          (pages, cpus, pids) => {
            const policy = policyOf({
              limits: [
                limitOf('memory', 'bytes', pages * 4096),
                limitOf('cpu', 'cpus', cpus),
                limitOf('pids', 'count', pids),
              ],
            });
            for (const group of groups) reset(group);
            for (const { path, content } of cgroup.emit(policy, defaultTarget).artifacts) {
              if (!path.startsWith('v1/')) continue;
              const name = path.slice('v1/'.length);
              const file = join(groups[controllers.indexOf(name.split('.')[0]!)]!, name);
              if (name.includes('memsw') && !existsSync(file)) continue; // a kernel without swap accounting
              writeFileSync(file, String(content));
              assert.is(readFileSync(file, 'utf8'), String(content), name);
            }
          },
        ),
        { numRuns: 30 },
      );
    } finally {
      for (const group of groups) rmdirSync(group);
    }
  });
}

/** A memory limit may not rise above the limit of memory and swap that is there. */
function reset(group: string): void {
  for (const name of ['memory.memsw.limit_in_bytes', 'memory.limit_in_bytes', 'cpu.cfs_quota_us']) {
    if (existsSync(join(group, name))) writeFileSync(join(group, name), '-1');
  }
}

run();
