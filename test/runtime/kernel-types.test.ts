import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { decodeObject } from '../../compiler/verify/bpf-lsm/object.ts';
import { findTypes } from '../../runtime/hook-programs/kernel-types.ts';
import { type PartialBytes, withFileBytes } from '../../runtime/hook-programs/kernel-types-file.ts';
import { systemCalls } from '../../runtime/kernel/system-calls.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { compileHooks, randomTexts } from '../support/hook-object.ts';
import { bpftoolWords, kernelTarget, noVirtualMachine } from '../support/machine-files.ts';

const { test, skip, run } = suite('kernel types');

const file = '/sys/kernel/btf/vmlinux';
const missing = !existsSync(file) ? 'this kernel does not describe its types' : noVirtualMachine();

/** Bytes that are there once they were asked for, and are others before. */
function arriving(content: Uint8Array): PartialBytes {
  const bytes = Buffer.alloc(content.length, 0xff);
  return { bytes, need: (begin, end) => bytes.set(content.subarray(begin, end), begin) };
}

/** What programs read; those behind `f_path` and `d_name` lie in nameless unions of newer kernels. */
const fields: readonly (readonly [structure: string, member: string])[] = [
  ['file', 'f_path.dentry'],
  ['file', 'f_path.mnt'],
  ['file', 'f_flags'],
  ['file', 'f_inode'],
  ['dentry', 'd_name.name'],
  ['dentry', 'd_parent'],
  ['inode', 'i_uid.val'],
  ['inode', 'i_mode'],
  ['task_struct', 'comm'],
  ['task_struct', 'real_cred'],
  ['sock', '__sk_common.skc_family'],
  ['linux_binprm', 'file'],
  ['super_block', 's_type'],
  ['mount', 'mnt.mnt_root'],
];

if (missing !== undefined) skip('fields lie where a C compiler finds them', missing);
else {
  test('fields lie where a C compiler finds them in the header that bpftool writes of the same types', () =>
    withFolder((folder) => {
      const [program, ...words] = bpftoolWords();
      const header = execFileSync(program!, [...words, 'btf', 'dump', 'file', file, 'format', 'c'], {
        maxBuffer: 64 * 1024 * 1024,
      });
      writeFileSync(join(folder, 'vmlinux.h'), header);
      const lines = fields.map(
        ([structure, member]) =>
          `int o_${structure}_${member.replaceAll('.', '_')} = __builtin_offsetof(struct ${structure}, ${member});`,
      );
      writeFileSync(join(folder, 'a.c'), `#include "vmlinux.h"\n${lines.join('\n')}\n`);
      const assembly = execFileSync('gcc', ['-w', '-S', '-o', '-', join(folder, 'a.c')], { encoding: 'utf8' });
      const wanted = {
        fields: fields.map(([structure, member]) => ({ structure, members: member.split('.') })),
        functions: ['bpf_lsm_file_open'],
      };
      const found = withFileBytes(file, undefined, (types) => findTypes(types, wanted));
      for (const [index, [structure, member]] of fields.entries()) {
        const label = `o_${structure}_${member.replaceAll('.', '_')}`;
        const expected = new RegExp(`^${label}:\\n\\s+\\.(?:long\\s+(\\d+)|zero\\s+4)`, 'm').exec(assembly);
        assert.ok(expected, label);
        assert.is(found?.offsets[index], Number(expected?.[1] ?? 0), label);
      }
    }));
}

test('the fields of an object’s own types lie where its programs have them, whatever of the file is there', () => {
  for (const text of randomTexts(3)) {
    const object = decodeObject(compileHooks(text, kernelTarget('6.12'))?.object ?? new Uint8Array());
    if (typeof object === 'string') throw new Error(object);
    const expected = object.programs.flatMap((program) => program.fields);
    assert.ok(expected.length > 0);
    const found = findTypes(arriving(object.types), { fields: expected, functions: [] });
    assert.equal(
      found?.offsets,
      expected.map(({ local }) => local),
    );
  }
});

/**
 * BTF of a pointer, much, a structure, a function, another structure of the first one's name, much, and the nameless structure
 * that the first one has in it. `much` are integers; so many of their bytes of text are before the names, and before the last.
 */
function typesAmongMuch(integers: number, textBytes: number): Uint8Array {
  const much = 'x'.repeat(textBytes);
  const names = ['wanted', 'call_a', 'call_b', 'field'];
  const texts = Buffer.from(`\0${much}\0wanted\0call_a\0call_b\0${much}y\0field\0`, 'latin1');
  const [wanted, , callB, field] = names.map((name) => texts.indexOf(`\0${name}\0`, 0, 'latin1') + 1);
  const structure = (4 << 24) | 1;
  const integer = [0, 1 << 24, 4, 32];
  const fill = Array.from({ length: integers * 4 }, (_, index) => integer[index % 4]!);
  const types = [
    ...[0, 2 << 24, 2],
    ...fill,
    ...[wanted!, structure, 16, 0, 2 * integers + 5, 64],
    ...[callB!, 12 << 24, 2],
    ...[wanted!, structure, 16, 0, 2, 64],
    ...fill,
    ...[0, structure, 8, field!, 2, 32],
  ];
  const header = [0x1_eb9f, 24, 0, types.length * 4, types.length * 4, texts.length];
  return Buffer.concat([Buffer.from(Uint32Array.from([...header, ...types]).buffer), texts]);
}

test('types and names are found wherever the pieces end in which a file is read', () => {
  const piece = 1 << 18;
  for (let length = piece - 40; length < piece + 4; length += 6) {
    const integers = Math.floor(length / 16);
    for (const functions of [['call_b', 'call_c'], ['call_b']]) {
      const wanted = { fields: [{ structure: 'wanted', members: ['field'] }], functions };
      const found = findTypes(arriving(typesAmongMuch(integers, length)), wanted);
      assert.equal(found, { offsets: [12], functions: new Map([['call_b', integers + 3]]) }, `${length} ${functions}`);
    }
  }
});

test('what is no BTF, and what a kernel does not have, is not found', () => {
  const nothing = { fields: [], functions: [] };
  assert.is(findTypes(arriving(Buffer.from('no types at all, of any kind')), nothing), undefined);
  assert.is(findTypes(arriving(Buffer.alloc(0)), nothing), undefined);
  if (!existsSync(file)) return;
  const wanted = {
    fields: [
      { structure: 'file', members: ['f_nothing'] },
      { structure: 'no_such_structure', members: ['a'] },
      { structure: 'file', members: ['f_inode', 'i_mode'] },
      { structure: 'file', members: ['f_flags'] },
    ],
    functions: ['bpf_lsm_no_such_hook', 'bpf_lsm_task_alloc'],
  };
  const found = withFileBytes(file, undefined, (types) => findTypes(types, wanted));
  assert.equal(found?.offsets.slice(0, 3), [undefined, undefined, undefined]);
  assert.type(found?.offsets[3], 'number');
  assert.equal([...(found?.functions.keys() ?? [])], ['bpf_lsm_task_alloc']);
});

test('a file is the same mapped, read in parts and read whole', async () => {
  const calls = await systemCalls();
  if (!existsSync(file) || 'problem' in calls) return;
  const whole = readFileSync(file);
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const mapped = withFileBytes(file, calls, ({ bytes, need }) => {
    need(0, bytes.length);
    return digest(bytes);
  });
  assert.is(mapped, digest(whole));
  withFileBytes(file, undefined, ({ bytes, need }) => {
    for (const [begin, end] of [
      [5000, 5001],
      [4095, 20_000],
      [0, 9000],
      [bytes.length - 1, bytes.length + 9000],
    ] as const) {
      need(begin, end);
      assert.is(digest(bytes.subarray(begin, end)), digest(whole.subarray(begin, end)), `${begin} to ${end}`);
    }
  });
  assert.throws(() => withFileBytes('/sys/kernel/btf/no_such_module', calls, () => 0), /ENOENT/);
});

run();
