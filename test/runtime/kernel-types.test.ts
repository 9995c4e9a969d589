import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { findTypes } from '../../runtime/hook-programs/kernel-types.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { bpftoolWords, noVirtualMachine } from '../support/machine-files.ts';

const { test, skip, run } = suite('kernel types');

const file = '/sys/kernel/btf/vmlinux';
const missing = !existsSync(file) ? 'this kernel does not describe its types' : noVirtualMachine();

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
      const found = findTypes(readFileSync(file), {
        fields: fields.map(([structure, member]) => ({ structure, members: member.split('.') })),
        functions: ['bpf_lsm_file_open'],
      });
      for (const [index, [structure, member]] of fields.entries()) {
        const label = `o_${structure}_${member.replaceAll('.', '_')}`;
        const expected = new RegExp(`^${label}:\\n\\s+\\.(?:long\\s+(\\d+)|zero\\s+4)`, 'm').exec(assembly);
        assert.ok(expected, label);
        assert.is(found?.offsets[index], Number(expected?.[1] ?? 0), label);
      }
    }));
}

test('what is no BTF, and what a kernel does not have, is not found', () => {
  assert.is(findTypes(Buffer.from('no types at all, of any kind'), { fields: [], functions: [] }), undefined);
  assert.is(findTypes(Buffer.alloc(0), { fields: [], functions: [] }), undefined);
  if (!existsSync(file)) return;
  const found = findTypes(readFileSync(file), {
    fields: [
      { structure: 'file', members: ['f_nothing'] },
      { structure: 'no_such_structure', members: ['a'] },
      { structure: 'file', members: ['f_inode', 'i_mode'] },
    ],
    functions: ['bpf_lsm_no_such_hook', 'bpf_lsm_task_alloc'],
  });
  assert.equal(found?.offsets, [undefined, undefined, undefined]);
  assert.equal([...(found?.functions.keys() ?? [])], ['bpf_lsm_task_alloc']);
});

run();
