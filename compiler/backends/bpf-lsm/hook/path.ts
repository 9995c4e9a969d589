import type { FieldRead } from '../../../tables/hook-field.ts';
import { register } from '../assembler.ts';
import { frame } from '../instruction.ts';
import { fieldType } from '../kernel-types.ts';
import { endText, type FieldContext } from './field-context.ts';
import { pathBytes, scratch } from './layout.ts';
import { contextRegister, copyToStack, scratchRegister } from './memory.ts';

/** How d_path ends the path of a file that was removed: fs/d_path.c. */
const removed = ' (deleted)';

/**
 * Writes the code that asks the kernel for the path of a `struct path` and puts it into the task's room, its bytes with
 * the NUL into r8 and without it into `slot`. It goes to `failed` where there is no file, where the path is longer
 * than PATH_MAX, and where the file is not in the tree that the process sees or was removed.
 *
 * @param slot holds the argument as a number
 * @returns false where the members lead to no path
 */
export function readPath(
  { writer }: FieldContext,
  { structure, members }: Extract<FieldRead, { readonly from: 'argument' }>,
  index: number,
  slot: number,
  failed: string,
): boolean {
  // A pointer that the verifier trusts it takes for one that is never 0, and would leave the question out: the number is asked.
  writer.load(8, 1, frame, slot);
  writer.when(1, '==', 0, failed);
  writer.load(8, 1, contextRegister, index * 8);
  writer.when(1, '==', 0, failed);
  let base = structure ?? '';
  let left = members;
  const [first = ''] = members;
  const type = fieldType({ structure: base, members: [first] });
  if (members.length > 1 && type?.startsWith('*')) {
    writer.load(8, 3, frame, slot);
    writer.addField(3, { structure: base, members: [first] });
    copyToStack(writer, slot, 8, failed);
    writer.load(8, 1, frame, slot);
    writer.when(1, '==', 0, failed);
    writer.load(8, 1, contextRegister, index * 8);
    writer.loadField(1, 1, { structure: base, members: [first] });
    writer.when(1, '==', 0, failed);
    base = type.slice(1);
    left = members.slice(1);
  }
  if (left.length > 0) {
    if (fieldType({ structure: base, members: left }) !== 'struct path') return false;
    writer.addField(1, { structure: base, members: left });
  } else if (base !== 'path') return false;
  writer.move(2, register(scratchRegister));
  writer.calculate('add', 2, scratch.path);
  writer.move(3, pathBytes);
  writer.call('d_path');
  writer.when(0, 's<=', 1, failed);
  writer.when(0, '>', pathBytes, failed);
  writer.move(8, register(0));
  writer.move(9, register(scratchRegister));
  writer.calculate('add', 9, scratch.path);
  writer.load(1, 1, 9, 0);
  writer.when(1, '!=', '/'.charCodeAt(0), failed);
  const stays = writer.fresh('path');
  writer.when(8, '<=', removed.length + 1, stays);
  writer.move(2, register(9));
  writer.calculate('add', 2, register(8));
  const bytes = new DataView(new TextEncoder().encode(removed).buffer);
  writer.load(8, 1, 2, -1 - removed.length);
  writer.loadWide(3, bytes.getBigUint64(0, true));
  writer.when(1, '!=', register(3), stays);
  writer.load(2, 1, 2, 7 - removed.length);
  writer.when(1, '==', bytes.getUint16(8, true), failed);
  writer.label(stays);
  endText(writer, 9, 8);
  writer.move(1, register(8));
  writer.calculate('sub', 1, 1);
  writer.store(8, frame, slot, register(1));
  return true;
}
