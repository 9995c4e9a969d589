import { type ProgramWriter, register } from '../assembler.ts';
import { frame, type Register, type Width } from '../instruction.ts';
import { embedded, fieldType, type MemberType, scalarBytes } from '../kernel-types.ts';

/** The registers that hold the same throughout a hook's program. */
export const contextRegister: Register = 6;
export const scratchRegister: Register = 7;

/** Copies `bytes` of the kernel's memory at r3 to the stack; jumps where there is none. What was on the stack is then 0. */
export function copyToStack(writer: ProgramWriter, to: number, bytes: number, failed: string): void {
  writer.move(1, register(frame));
  writer.calculate('add', 1, to);
  writer.move(2, bytes);
  writer.call('probe_read_kernel');
  writer.when(0, '!=', 0, failed);
}

/** Copies an argument of the hook, as the number that it is, to the stack. */
export function copyArgument(writer: ProgramWriter, index: number, to: number, failed: string): void {
  writer.move(3, register(contextRegister));
  writer.calculate('add', 3, index * 8);
  copyToStack(writer, to, 8, failed);
}

/** What following members leads to: r3 is its address. */
export interface Followed {
  readonly type: MemberType;
  readonly width?: Width;
}

/**
 * Follows members from the structure whose address is in r3, through embedded structures and pointers; r3 is at the end
 * the address of the last member.
 *
 * @param slot eight bytes of stack that pointers are read into
 * @param failed where to go when a pointer on the way leads nowhere
 * @returns undefined where a name is not known
 */
export function followMembers(
  writer: ProgramWriter,
  structure: string,
  members: readonly string[],
  slot: number,
  failed: string,
): Followed | undefined {
  let base = structure;
  let within: string[] = [];
  let type: MemberType = `struct ${structure}`;
  for (const member of members) {
    if (embedded(type) === undefined) {
      // The member before is a pointer: go where it leads.
      if (!type.startsWith('*') || type.length === 1) return undefined;
      writer.addField(3, { structure: base, members: within });
      copyToStack(writer, slot, 8, failed);
      writer.load(8, 3, frame, slot);
      base = type.slice(1);
      within = [];
    }
    within.push(member);
    const next: MemberType | undefined = fieldType({ structure: base, members: within });
    if (next === undefined) return undefined;
    type = next;
  }
  if (within.length > 0) writer.addField(3, { structure: base, members: within });
  const width = scalarBytes(type);
  return width === undefined ? { type } : { type, width };
}
