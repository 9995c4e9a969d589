import type { FieldRead } from '../../../tables/hook-field.ts';
import { type ProgramWriter, register } from '../assembler.ts';
import { frame } from '../instruction.ts';
import { endText, type FieldContext } from './field-context.ts';
import type { Frame } from './frame.ts';
import { mostComponents, mostSteps, pathBytes, scratch, textBytes } from './layout.ts';
import { copyArgument, copyToStack, followMembers, scratchRegister } from './memory.ts';

const slash = '/'.charCodeAt(0);

/** Words on the stack. */
interface WalkPlace {
  readonly dentry: number;
  /** A `struct vfsmount`. */
  readonly mount: number;
  readonly rootDentry: number;
  readonly rootMount: number;
  readonly parent: number;
  readonly found: number;
}

/**
 * Writes the code that finds a path without the kernel's help, as `prepend_path` in fs/d_path.c does, and puts it into the
 * task's room, its bytes with the NUL into r8 and without it into `slot`. The path is relative to the root of the process.
 * It goes to `failed` where the walk does not come to that root, where a pointer leads nowhere, where the path has too
 * many components or bytes, and where the file was removed, unless `walk` says that this does not matter.
 *
 * No lock is held: of a folder that is renamed meanwhile the old or the new place may be seen.
 *
 * @param slot holds the argument as a number
 * @returns false where the members lead to no path
 */
export function walkPath(
  { writer, stack }: FieldContext,
  { structure = '', members, walk }: Extract<FieldRead, { readonly from: 'argument' }>,
  slot: number,
  failed: string,
): boolean {
  const { taken } = stack;
  const place = takePlace(stack);
  writer.load(8, 3, frame, slot);
  const end = followMembers(writer, structure, members, slot, failed)?.type;
  if (walk?.folder === undefined) {
    if (end !== 'struct path') return false;
    writer.store(8, frame, place.found, register(3));
    writer.addField(3, { structure: 'path', members: ['dentry'] });
    copyToStack(writer, place.dentry, 8, failed);
  } else {
    if (end !== 'struct dentry') return false;
    writer.store(8, frame, place.dentry, register(3));
    copyArgument(writer, walk.folder.index, place.found, failed);
  }
  copyMember(writer, place.found, 'path', ['mnt'], place.mount, failed);
  writer.call('get_current_task_btf');
  writer.move(3, register(0));
  writer.addField(3, { structure: 'task_struct', members: ['fs'] });
  copyToStack(writer, place.found, 8, failed);
  copyMember(writer, place.found, 'fs_struct', ['root', 'mnt'], place.rootMount, failed);
  copyMember(writer, place.found, 'fs_struct', ['root', 'dentry'], place.rootDentry, failed);
  if (walk?.removed !== true) failWhereRemoved(writer, place, failed);

  const loop = writer.fresh('walk');
  const onwards = writer.fresh('walk-on');
  const done = writer.fresh('walked');
  // What changes on the way lies in the task's room, of which the verifier remembers nothing: so all steps look alike to it.
  writer.store(8, scratchRegister, scratch.begins, pathBytes);
  writer.store(8, scratchRegister, scratch.components, 0);
  writer.move(9, 0);
  writer.label(loop);
  const apart = writer.fresh('apart');
  oneStep(writer, place, { done, onwards, apart, failed });
  writer.label(onwards);
  writer.calculate('add', 9, 1);
  writer.when(9, '!=', mostSteps, loop);
  writer.jump(failed);
  const found = writer.fresh('found');
  writer.label(apart);
  if (walk?.removed === true) emptyWhereTheKernelsOwn(writer, place, found, failed);
  else writer.jump(failed);
  writer.label(done);
  toTheFront(writer, failed);
  writer.label(found);
  writer.move(1, register(8));
  writer.calculate('sub', 1, 1);
  writer.store(8, frame, slot, register(1));
  stack.release(taken);
  return true;
}

function takePlace(stack: Frame): WalkPlace {
  return {
    dentry: stack.take(8),
    mount: stack.take(8),
    rootDentry: stack.take(8),
    rootMount: stack.take(8),
    parent: stack.take(8),
    found: stack.take(8),
  };
}

/** Copies a member of the structure whose address is in the word `from` to the word `to`. */
function copyMember(
  writer: ProgramWriter,
  from: number,
  structure: string,
  members: readonly string[],
  to: number,
  failed: string,
): void {
  writer.load(8, 3, frame, from);
  writer.addField(3, { structure, members });
  copyToStack(writer, to, 8, failed);
}

/** As `d_unlinked` in linux/dcache.h: no longer to be found by its name, and no root. A name that is still free is none of that. */
function failWhereRemoved(writer: ProgramWriter, place: WalkPlace, failed: string): void {
  const there = writer.fresh('there');
  copyMember(writer, place.dentry, 'dentry', ['d_inode'], place.found, failed);
  writer.load(8, 1, frame, place.found);
  writer.when(1, '==', 0, there);
  copyMember(writer, place.dentry, 'dentry', ['d_hash', 'pprev'], place.found, failed);
  writer.load(8, 1, frame, place.found);
  writer.when(1, '!=', 0, there);
  copyMember(writer, place.dentry, 'dentry', ['d_parent'], place.parent, failed);
  writer.load(8, 1, frame, place.parent);
  writer.load(8, 2, frame, place.dentry);
  writer.when(1, '!=', register(2), failed);
  writer.label(there);
}

/** Goes from a folder to the one that it lies in, or from the root of a mount to where that is mounted. */
function oneStep(
  writer: ProgramWriter,
  place: WalkPlace,
  { done, onwards, apart, failed }: Readonly<Record<'done' | 'onwards' | 'apart' | 'failed', string>>,
): void {
  const below = writer.fresh('below');
  const inside = writer.fresh('inside');
  writer.load(8, 1, frame, place.dentry);
  writer.load(8, 2, frame, place.rootDentry);
  writer.when(1, '!=', register(2), below);
  writer.load(8, 1, frame, place.mount);
  writer.load(8, 2, frame, place.rootMount);
  writer.when(1, '==', register(2), done);
  writer.label(below);
  copyMember(writer, place.mount, 'vfsmount', ['mnt_root'], place.found, failed);
  writer.load(8, 1, frame, place.found);
  writer.load(8, 2, frame, place.dentry);
  writer.when(1, '!=', register(2), inside);

  // What is behind the `vfsmount` is the `mount` that it lies in.
  writer.load(8, 3, frame, place.mount);
  writer.subtractField(3, { structure: 'mount', members: ['mnt'] });
  writer.store(8, frame, place.found, register(3));
  copyMember(writer, place.found, 'mount', ['mnt_parent'], place.parent, failed);
  writer.load(8, 1, frame, place.parent);
  writer.load(8, 2, frame, place.found);
  // The root of all mounts, or a mount that is mounted nowhere: not in the tree that the process sees.
  writer.when(1, '==', register(2), apart);
  copyMember(writer, place.found, 'mount', ['mnt_mountpoint'], place.dentry, failed);
  writer.load(8, 1, frame, place.parent);
  writer.addField(1, { structure: 'mount', members: ['mnt'] });
  writer.store(8, frame, place.mount, register(1));
  writer.jump(onwards);

  writer.label(inside);
  copyMember(writer, place.dentry, 'dentry', ['d_parent'], place.parent, failed);
  writer.load(8, 1, frame, place.parent);
  writer.load(8, 2, frame, place.dentry);
  writer.when(1, '==', register(2), apart);
  prependName(writer, place, failed);
  writer.load(8, 1, frame, place.parent);
  writer.store(8, frame, place.dentry, register(1));
}

/** MNT_NS_INTERNAL: what stands in a mount of the kernel's own, which no process can mount or unmount (fs/mount.h). */
const kernelsOwn = -22;

/**
 * The empty text for what lies in a mount of the kernel's own, and never in a folder: a pipe, memory that memfd_create(2)
 * made, the layer of an overlay.
 */
function emptyWhereTheKernelsOwn(writer: ProgramWriter, place: WalkPlace, found: string, failed: string): void {
  writer.load(8, 3, frame, place.mount);
  writer.subtractField(3, { structure: 'mount', members: ['mnt'] });
  writer.addField(3, { structure: 'mount', members: ['mnt_ns'] });
  copyToStack(writer, place.found, 8, failed);
  writer.load(8, 1, frame, place.found);
  writer.when(1, '!=', kernelsOwn, failed);
  writer.move(9, register(scratchRegister));
  writer.calculate('add', 9, scratch.path);
  writer.store(8, 9, 0, 0);
  writer.move(8, 1);
  writer.jump(found);
}

/** Puts a slash and the name in front of what is there of the path. */
function prependName(writer: ProgramWriter, place: WalkPlace, failed: string): void {
  writer.load(8, 1, scratchRegister, scratch.components);
  writer.when(1, '>=', mostComponents, failed);
  writer.calculate('add', 1, 1);
  writer.store(8, scratchRegister, scratch.components, register(1));
  copyMember(writer, place.dentry, 'dentry', ['d_name', 'name'], place.found, failed);
  writer.move(1, register(scratchRegister));
  writer.calculate('add', 1, scratch.text);
  writer.move(2, textBytes + 1);
  writer.load(8, 3, frame, place.found);
  writer.call('probe_read_kernel_str');
  writer.when(0, 's<=', 1, failed);
  writer.when(0, '>', textBytes, failed);
  // The bytes of the name and one more, for the slash.
  writer.move(8, register(0));
  writer.load(8, 1, scratchRegister, scratch.begins);
  writer.calculate('sub', 1, register(8));
  // Below zero it is a large number.
  writer.when(1, '>=', pathBytes, failed);
  writer.store(8, scratchRegister, scratch.begins, register(1));
  writer.move(2, register(scratchRegister));
  writer.calculate('add', 2, scratch.path);
  writer.calculate('add', 1, register(2));
  writer.store(1, 1, 0, slash);
  writer.calculate('add', 1, 1);
  writer.move(2, register(8));
  writer.calculate('sub', 2, 1);
  writer.move(3, register(scratchRegister));
  writer.calculate('add', 3, scratch.text);
  writer.call('probe_read_kernel');
  writer.when(0, '!=', 0, failed);
}

/** Moves the path from the end of its room to the beginning: the kernel copies from the front, which both may be parts of. */
function toTheFront(writer: ProgramWriter, failed: string): void {
  const named = writer.fresh('named');
  writer.load(8, 8, scratchRegister, scratch.begins);
  writer.when(8, '<', pathBytes, named);
  writer.store(1, scratchRegister, scratch.path + pathBytes - 1, slash);
  writer.move(8, pathBytes - 1);
  writer.label(named);
  // It would have no room for the NUL.
  writer.when(8, '==', 0, failed);
  writer.move(1, register(scratchRegister));
  writer.calculate('add', 1, scratch.path);
  writer.move(3, register(1));
  writer.calculate('add', 3, register(8));
  writer.move(2, pathBytes);
  writer.calculate('sub', 2, register(8));
  writer.move(8, register(2));
  writer.calculate('add', 8, 1);
  writer.call('probe_read_kernel');
  writer.when(0, '!=', 0, failed);
  writer.move(9, register(scratchRegister));
  writer.calculate('add', 9, scratch.path);
  endText(writer, 9, 8);
}
