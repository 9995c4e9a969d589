import assert from 'node:assert/strict';
import type { BackendName } from '../../compiler/backends/backend.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { Host } from '../../compiler/host.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('tenancy-scale');

const head = `targets: [{ gateway: { namespace: llm, name: web } }]
tiers:
  free: { token_limit_per_hour: 10, burst_limit: 5 }
  paid: { token_limit_per_hour: 100, burst_limit: 50 }
`;

/** Teams of which some have a limit of their own; `every` is how many have none for each that does. */
function teams(from: number, to: number, every: number): string {
  const lines = ['teams:'];
  for (let team = from; team < to; team += 1) {
    const own = team % every === every - 1 ? `, overrides: { burst_limit: ${team} }` : '';
    lines.push(`  team-${team}: { tier: ${team % 2 === 0 ? 'free' : 'paid'}${own} }`);
  }
  return `${lines.join('\n')}\n`;
}

function compiled(
  text: string,
  files: Readonly<Record<string, string>> = {},
  emit: readonly BackendName[] = ['ir'],
): Compilation {
  const host: Host = { read: (path) => files[path], now: () => 0, sha256: () => '0'.repeat(64) };
  return compile('policy.yaml', text, host, { maximumMilliseconds: 0, emit });
}

function errorsOf({ diagnostics }: Compilation): readonly string[] {
  return diagnostics
    .filter(({ code, severity }) => severity === 'error' && !code.startsWith('POL6'))
    .map(({ code, message }) => `${code}: ${message}`);
}

test('a hundred thousand teams become as few limits as two, and those of their own', () => {
  const half = teams(0, 50_000, 50_000);
  const files = { 'more.yaml': teams(50_000, 100_000, 50_000) };
  const result = compiled(`${head}include: [more.yaml]\n${half}`, files, ['kuadrant']);
  assert.deepEqual(errorsOf(result), []);
  assert.equal(result.lowered?.quotas?.length, 200_004);
  const own = result.policy?.quotas?.filter(({ id }) => id.endsWith('/burst_limit')).map(({ amount }) => amount);
  assert.deepEqual(own, [5, 50, 49_999, 99_999]);
  assert.equal(result.policy?.quotas?.length, 6);
  // What is written names every team, and is as small as that.
  const size = (name: string) => result.files.find(({ path }) => path.endsWith(name))?.content.length ?? Number.NaN;
  assert.ok(size('kuadrant/policies.yaml') < 6_000, `policies of ${size('kuadrant/policies.yaml')} bytes`);
  assert.ok(size('manifest.json') < 200_000 * 14, `a manifest of ${size('manifest.json')} bytes`);
  assert.ok(size('source-map.json') < 2_000, `source maps of ${size('source-map.json')} bytes`);
});

test('more limits than one object holds are refused, and the object is named', () => {
  const result = compiled(`${head}${teams(1, 5_000, 1)}`, {}, ['kuadrant']);
  const [found] = result.diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(found?.code, 'POL7221');
  assert.deepEqual(result.files, []);
});

test('teams cost time in proportion to their number, also where many have limits of their own', () => {
  for (const every of [1_000_000, 2]) {
    inProportion((count) => {
      const text = `${head}${teams(0, count, every)}`;
      return () => assert.deepEqual(errorsOf(compiled(text)), []);
    }, 16_000 / times);
  }
});

test('a file that is larger than polc reads is named as such', () => {
  const result = compiled(`${head}${teams(0, 150_000, 150_000)}`);
  assert.deepEqual(
    errorsOf(result).map((each) => each.slice(0, 7)),
    ['POL1002'],
  );
});

run();
