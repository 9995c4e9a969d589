import { existsSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { attributeAt } from '../../compiler/ir/points.ts';
import { constantNames } from '../../compiler/tables/constants.ts';
import type { HookField } from '../../compiler/tables/hook-field.ts';
import { hookFields } from '../../compiler/tables/hook-fields.ts';
import { kernelConstants } from '../../compiler/tables/hook-structures.ts';
import { hookArguments, hookNames, hookReturnsVerdict, refusingHooks } from '../../compiler/tables/lsm-hooks.ts';
import { suite } from '../support/harness.ts';
import { KernelTypes } from '../support/kernel-types.ts';

const { test, skip, run } = suite('hook-fields');
const types = '/sys/kernel/btf/vmlinux';

test('a name means one thing at every hook, and the IR knows it', () => {
  const seen = new Map<string, string>();
  for (const hook of refusingHooks()) {
    const fields = hookFields(hook);
    assert.is(new Set(fields.map(({ name }) => name)).size, fields.length, hook);
    for (const { name, type } of fields) {
      assert.is(seen.get(name) ?? type, type, `${hook}: ${name}`);
      seen.set(name, type);
      assert.is(attributeAt('hook', name)?.type, type, name);
    }
  }
  assert.ok(refusingHooks().length > 140);
});

test('the helpers of the kernel’s own are no hooks', () => {
  for (const name of ['init', 'verify_prog', 'is_sleepable_hook', 'get_retval_range']) {
    assert.not.ok(hookNames().includes(name), name);
  }
  assert.not.ok(hookReturnsVerdict('getprocattr'));
  assert.ok(hookReturnsVerdict('file_open'));
});

test('constants of a field are known, and what it is given by are fields', () => {
  const known = [...Object.keys(kernelConstants), ...constantNames()];
  for (const hook of refusingHooks()) {
    for (const { name, constants, given } of hookFields(hook)) {
      if (constants !== undefined) {
        assert.ok(
          constants.some((prefix) => known.some((constant) => constant.startsWith(prefix))),
          `${hook}: ${name}`,
        );
      }
      const asked = JSON.stringify(given ?? null, (_, value) =>
        typeof value === 'bigint' ? Number(value) : value,
      ).match(/"kind":"attribute","name":"(\w+)"/)?.[1];
      if (asked !== undefined)
        assert.ok(
          hookFields(hook).some((field) => field.name === asked),
          `${hook}: ${asked}`,
        );
    }
  }
});

const agrees = 'every field leads in the types of this kernel to what it is said to be';
if (!existsSync(types)) skip(agrees, `no ${types}`);
else {
  test(agrees, () => {
    const kernel = new KernelTypes(types);
    let checked = 0;
    for (const hook of refusingHooks()) {
      const given = kernel.argumentsOf(`bpf_lsm_${hook}`);
      // Another kernel than that of the table may lack a hook, or hand over something else.
      if (
        given === undefined ||
        given.map(({ name }) => name).join() !==
          hookArguments(hook)
            .map(({ name }) => name)
            .join()
      ) {
        continue;
      }
      for (const field of hookFields(hook)) {
        const { read } = field;
        if (read.from !== 'argument') continue;
        const argument = given[read.index]!;
        assert.is(argument.name, read.argument, `${hook}: ${field.name}`);
        const end = kernel.follow(argument.type, read.members);
        assert.ok(end !== undefined, `${hook}: ${field.name} is nowhere`);
        assert.ok(fits(field, kernel.describe(end)), `${hook}: ${field.name} is ${kernel.describe(end)}`);
        const folder = read.walk?.folder;
        if (folder !== undefined) {
          const { name, type } = given[folder.index]!;
          assert.is(`${name} ${kernel.describe(type)}`, `${folder.argument} struct path *`, `${hook}: ${field.name}`);
        }
        checked += 1;
      }
    }
    assert.ok(checked > 300, `only ${checked} fields`);
  });
}

function fits({ type, bits, read }: HookField, what: string): boolean {
  switch (type) {
    case 'integer':
      return what === String((bits ?? 0) / 8);
    case 'boolean':
      return read.from === 'argument' && read.isNull === true ? what.endsWith('*') : what === '1';
    case 'string':
      return what === 'char *' || what === 'char[]';
    case 'path':
      if (read.from === 'argument' && read.walk?.folder !== undefined) return what === 'struct dentry *';
      return what === 'struct path' || what === 'struct path *';
    case 'address':
      return false;
    default: {
      const unreachable: never = type;
      return unreachable;
    }
  }
}

run();
