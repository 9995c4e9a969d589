import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { landlock } from '../../compiler/backends/landlock/index.ts';
import { isBeneath } from '../../compiler/expressions/path-pattern.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Policy } from '../../compiler/ir/policy.ts';
import { hookField } from '../../compiler/tables/hook-fields.ts';
import { fileSystemRights } from '../../compiler/tables/landlock.ts';
import { defaultTarget, type Target } from '../../compiler/target.ts';
import { layOutCall } from '../../compiler/verify/bpf-lsm/call.ts';
import { Kernel } from '../../compiler/verify/bpf-lsm/kernel.ts';
import { run as runProgram } from '../../compiler/verify/bpf-lsm/machine.ts';
import { type DecodedObject, decodeObject } from '../../compiler/verify/bpf-lsm/object.ts';
import { compileText, coverageOf } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, pathRule, policyOf } from '../support/policies.ts';

const { test, run } = suite('bpf-lsm paths');

const surroundings = { sha256: () => '', position: () => undefined };

/** Calls, and the rights that each needs at its path. */
const calls: readonly (readonly [hook: string, fields: Readonly<Record<string, bigint>>, rights: readonly string[]])[] =
  [
    ['file_open', { flags: 0n, file_mode: 0o100644n }, ['read_file']],
    ['file_open', { flags: 0n, file_mode: 0o040755n }, ['read_dir']],
    ['file_open', { flags: 0x8001n, file_mode: 0o100644n }, ['write_file']],
    ['file_open', { flags: 2n, file_mode: 0o100600n }, ['read_file', 'write_file']],
    ['file_open', { flags: 0x8020n, file_mode: 0o100755n }, ['read_file', 'execute']],
    ['path_truncate', {}, ['truncate']],
    ['path_unlink', {}, ['remove_file']],
    ['path_rmdir', {}, ['remove_dir']],
    ['path_mkdir', { mode: 0o755n }, ['make_dir']],
    ['path_symlink', {}, ['make_sym']],
    ['path_mknod', { mode: 0o644n }, ['make_reg']],
    ['path_mknod', { mode: 0o010644n }, ['make_fifo']],
    ['path_mknod', { mode: 0o140644n }, ['make_sock']],
    ['path_chmod', { mode: 0o755n }, ['write_file']],
    ['path_chown', {}, ['write_file']],
  ];

const patterns = ['/', '/a', '/a/b', '/a/b/c', '/a/*', '/*/b', '/a/b*', '/d/e', '/a/b/secret'];
const paths = ['/', '/a', '/a/b', '/a/b/c', '/a/b/c/f', '/a/bb', '/d', '/d/e', '/d/e/f', '/a/b/secret', '/x/b/y'];
const names = fileSystemRights().map(({ name }) => name);

const decisions: fc.Arbitrary<Decision> = fc
  .array(
    fc.record({
      pattern: fc.constantFrom(...patterns),
      rights: fc.oneof(fc.constant(names), fc.subarray(names, { minLength: 1 })),
      denies: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((rules) =>
    decisionOf(
      'path',
      'deny-overrides',
      rules.map(({ pattern, rights, denies }) => {
        const [when] = pathRule(pattern, rights);
        return [when, denies ? deny : allow] as const;
      }),
      deny,
    ),
  );

const targets = fc.constantFrom([5, 15, 1], [5, 19, 2], [6, 1, 2], [6, 2, 3], [6, 12, 6]).map(
  ([major = 6, minor = 1, abi = 1]): Target => ({
    ...defaultTarget,
    kernel: { major, minor },
    landlock: abi,
    bpfLsm: true,
  }),
);

/** Whether the program of a hook, if there is one, lets a call pass. */
function passes(
  object: DecodedObject | undefined,
  hook: string,
  fields: Readonly<Record<string, Value>>,
  target: Target,
) {
  const program = object?.programs.find(({ name }) => name === hook);
  if (object === undefined || program === undefined) return true;
  const kernel = new Kernel(object);
  const loaded = kernel.load(program);
  if (typeof loaded === 'string') throw new Error(loaded);
  const task = { uid: 0, gid: 0, pid: 1, tid: 1, cgroup: 1n, comm: 'sh' };
  const known = layOutCall(kernel, target.kernel, {
    task,
    fields: Object.entries(fields).flatMap(([name, value]) => {
      const field = hookField(hook, name);
      return field === undefined ? [] : [{ field, value }];
    }),
  });
  assert.is(known.get('place'), fields.place);
  const outcome = runProgram(loaded.code, loaded.world);
  assert.is(outcome.kind, 'done');
  const result = outcome.kind === 'done' ? outcome.result.low : 0;
  return program.section.startsWith('lsm_cgroup/') ? result === 1 : result === 0;
}

function objectOf(policy: Policy, target: Target): DecodedObject | undefined {
  if (!bpfLsm.applies(policy, target)) return undefined;
  const { artifacts, diagnostics } = bpfLsm.emit(policy, target, surroundings);
  const without = diagnostics.map(({ message }) => message).filter((message) => !message.includes('path_chown'));
  assert.equal(without, []);
  const { status, counterexample } = bpfLsm.validate(policy, target, artifacts, surroundings);
  assert.is(status, 'tested', counterexample);
  const object = decodeObject(artifacts.find(({ path }) => path.endsWith('.o'))!.content as Uint8Array);
  if (typeof object === 'string') throw new Error(object);
  return object;
}

test('Landlock and the programs together let pass what the policy allows', () => {
  let refusedByPrograms = 0;
  fc.assert(
    fc.property(decisions, targets, fc.subarray(paths, { minLength: 3, maxLength: 5 }), (decision, target, some) => {
      const policy = policyOf({ decisions: [decision] });
      const object = objectOf(policy, target);
      const { artifacts } = landlock.emit(policy, target);
      assert.is(landlock.validate(policy, target, artifacts).counterexample, undefined);
      const ruleset = JSON.parse(String(artifacts.find(({ path }) => path === 'ruleset.json')!.content));
      for (const path of some) {
        for (const [hook, fields, rights] of calls) {
          // No program can be attached there.
          if (hook === 'path_chown' && target.kernel.major === 5) continue;
          const metadata = hook === 'path_chmod' || hook === 'path_chown';
          const byLandlock = rights.every((name) => {
            const right = fileSystemRights().find((each) => each.name === name)!;
            if (metadata || right.abi > target.landlock) return true;
            return ruleset.path_beneath.some(
              (entry: { path: string; allowed_access: number }) =>
                (BigInt(entry.allowed_access) & right.bit) !== 0n && isBeneath(path, entry.path),
            );
          });
          const byPrograms = passes(object, hook, { ...fields, place: path }, target);
          const wanted = rights.every((right) => {
            const attribute = (name: string) => (name === 'path' ? path : name === 'right' ? right : undefined);
            return decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'allow';
          });
          if (byLandlock && !byPrograms) refusedByPrograms += 1;
          assert.is(byLandlock && byPrograms, wanted, `${hook} ${rights.join('+')} at ${path}`);
        }
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(refusedByPrograms > 200, `${refusedByPrograms} refusals`);
});

const policy = `security:
  level: medium
  landlock:
    paths:
      - { path: /usr, access: execute }
      - { path: /data, access: read-write }
      - { path: /data/*/keys, access: none }
`;

/** What is said of each rule about paths, with a warning or error about it. */
function heldOf(target: Partial<Target>) {
  const compilation = compileText(policy, { target: { ...defaultTarget, architectures: ['x86_64'], ...target } });
  const codes = compilation.diagnostics.map(({ code }) => code).filter((code) => /^POL60(?:01|04|40)$/.test(code));
  return {
    denied: coverageOf(compilation, 'security.landlock.paths[2]').map(({ status }) => status),
    rest: coverageOf(compilation, 'security.landlock.paths').map(({ status }) => status),
    codes,
    emitted: compilation.outputs.some(({ backend }) => backend === 'bpf-lsm'),
  };
}

test('what Landlock loses is held where the target takes programs, and else lost', () => {
  assert.equal(heldOf({ bpfLsm: true }), { denied: ['full'], rest: ['full'], codes: [], emitted: true });
  const older = { bpfLsm: true, landlock: 2, kernel: { major: 6, minor: 1 } };
  assert.equal(heldOf(older).denied, ['full']);
  assert.equal(heldOf({}), { denied: ['none'], rest: ['full'], codes: ['POL6040', 'POL6001'], emitted: false });
  // Without Landlock nothing refuses what no rule grants.
  assert.equal(heldOf({ bpfLsm: true, landlock: 0 }).denied, ['none']);
});

test('network rules that Landlock cannot say are compiled where the target takes programs', () => {
  const text = 'network:\n  mode: host\n  outbound: ["192.0.2.0/24", "udp://127.0.0.1:54"]\n';
  const emitted = (bpfLsm: boolean) =>
    compileText(text, { target: { ...defaultTarget, bpfLsm } }).outputs.some(({ backend }) => backend === 'bpf-lsm');
  assert.equal([emitted(true), emitted(false)], [true, false]);
});

run();
