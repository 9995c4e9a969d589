import { attributeOf, type Condition, termsOf } from '../../../expressions/conditions.ts';
import type { FieldRead, HookField } from '../../../tables/hook-field.ts';
import { hookField, hookFields } from '../../../tables/hook-fields.ts';
import type { KernelVersion } from '../../../target.ts';
import { register } from '../assembler.ts';
import { frame, type Register } from '../instruction.ts';
import { type AddressPlace, readSocketAddress, type SocketAddressPlace } from './address.ts';
import { endText, type FieldContext, markUnknown } from './field-context.ts';
import { commBytes, pathBytes, scratch, textBytes } from './layout.ts';
import { copyArgument, copyToStack, followMembers, scratchRegister } from './memory.ts';
import { readPath } from './path.ts';
import { answerUnknown, attributeAbout, planTexts, readText, type TextPlan, textCondition } from './texts.ts';
import { walkPath } from './walk.ts';

/** Where a program finds an attribute once it has read what it asks for. */
export type Place =
  /** A number on the stack; unknown where the bit is set in the word of unknown ones, or where the word `known` is 0. */
  | { readonly kind: 'number'; readonly slot: number; readonly unknown?: number; readonly known?: number }
  /** An argument of the hook that is a number of so many bits. */
  | { readonly kind: 'argument'; readonly index: number; readonly bits: number }
  | { readonly kind: 'text'; readonly plan: TextPlan }
  | { readonly kind: 'address'; readonly place: AddressPlace };

/** What reading the attributes gives: where they are, and the length of the path that records show. */
export interface ReadFields {
  readonly places: ReadonlyMap<string, Place>;
  /** The word with the bytes of the path in the task's room, where the program reads one. */
  readonly pathLength?: number;
}

/** Whether a program that reads these attributes needs the task's room. */
export function needsScratch(hook: string, names: Iterable<string>): boolean {
  for (const name of names) {
    const field = hookField(hook, name);
    if (field?.type === 'path' || (field?.type === 'string' && field.read.from !== 'context')) return true;
  }
  return false;
}

/**
 * Writes the code that reads attributes into places on the stack, before any rule is asked.
 *
 * @param names the attributes that the program asks for, but for counters
 * @param conditions all that it asks
 * @returns what cannot be read or is too large, in words
 */
export function readFields(
  context: FieldContext,
  names: readonly string[],
  conditions: readonly Condition[],
): ReadFields | string {
  const { writer, stack } = context;
  const places = new Map<string, Place>();
  let unknown = 0;
  let pathLength: number | undefined;
  const addresses = new Map<number, SocketAddressPlace>();
  for (const name of inReadingOrder(context.hook, names)) {
    const field = hookField(context.hook, name);
    if (field === undefined) return `nothing called \`${name}\` can be read at ${context.hook}`;
    const { read } = field;
    if (field.type === 'string' || field.type === 'path') {
      const about = conditions.flatMap((condition) => {
        const text = attributeAbout(condition) === name ? textCondition(condition) : undefined;
        return text === undefined ? [] : [text];
      });
      const plan = planTexts(about, stack);
      if (plan === undefined) return `the patterns for \`${name}\` are too many to be told apart`;
      const problem = readAnyText(context, field, plan, (slot) => {
        pathLength = slot;
      });
      if (problem !== undefined) return problem;
      places.set(name, { kind: 'text', plan });
    } else if (read.from === 'sockaddr') {
      let place = addresses.get(read.index);
      if (place === undefined) {
        place = readSocketAddress(writer, stack, read.index);
        addresses.set(read.index, place);
      }
      places.set(
        name,
        read.what === 'address'
          ? { kind: 'address', place }
          : { kind: 'number', slot: read.what === 'port' ? place.port : place.family, known: place.known },
      );
    } else if (read.from === 'context') {
      places.set(name, { kind: 'number', slot: readContext(context, read.value) });
    } else if (read.members.length === 0 && read.isNull === undefined) {
      const bits = field.type === 'boolean' ? 8 : (field.bits ?? 64);
      places.set(name, { kind: 'argument', index: argumentIndex(read, context.kernel), bits });
    } else {
      const slot = readNumber(context, read, unknown);
      if (slot === undefined) return `the kernel's types of \`${name}\` are not known`;
      places.set(name, { kind: 'number', slot, unknown });
      unknown += 1;
    }
  }
  return { places, ...(pathLength === undefined ? {} : { pathLength }) };
}

/** All paths are read into the same room, where records find the one that is read last: the first that the hook has. */
function inReadingOrder(hook: string, names: readonly string[]): readonly string[] {
  const order = hookFields(hook).map(({ name }) => name);
  const isPath = (name: string) => hookField(hook, name)?.type === 'path';
  const paths = names.filter(isPath).sort((left, right) => order.indexOf(right) - order.indexOf(left));
  return [...names.filter((name) => !isPath(name)), ...paths];
}

/** Every attribute that conditions ask for, in the order in which they do. */
export function attributesIn(conditions: readonly Condition[]): readonly string[] {
  const names = new Set<string>();
  for (const condition of conditions) {
    for (const term of termsOf(condition)) {
      const name = attributeOf(term);
      if (name !== undefined) names.add(name);
    }
  }
  return [...names];
}

type ArgumentRead = Extract<FieldRead, { readonly from: 'argument' }>;

function argumentIndex({ index, earlier }: ArgumentRead, kernel: KernelVersion): number {
  if (earlier === undefined) return index;
  const [major = 0, minor = 0] = earlier.before.split('.').map(Number);
  return kernel.major < major || (kernel.major === major && kernel.minor < minor) ? earlier.index : index;
}

function readContext({ writer, stack }: FieldContext, value: string): number {
  const slot = stack.take(8);
  const upper = value === 'gid' || value === 'pid';
  if (value === 'cgroup') writer.call('get_current_cgroup_id');
  else {
    writer.call(value === 'uid' || value === 'gid' ? 'get_current_uid_gid' : 'get_current_pid_tgid');
    if (!upper) writer.calculate('lsh', 0, 32);
    writer.calculate('rsh', 0, 32);
  }
  writer.store(8, frame, slot, register(0));
  return slot;
}

/** Reads what members lead to, or whether the pointer there is none. */
function readNumber(context: FieldContext, read: ArgumentRead, bit: number): number | undefined {
  const { writer, stack, kernel } = context;
  const slot = stack.take(8);
  const failed = writer.fresh('unread');
  const done = writer.fresh('field');
  writer.store(8, frame, slot, 0);
  copyArgument(writer, argumentIndex(read, kernel), slot, failed);
  if (read.members.length > 0) {
    if (read.structure === undefined) return undefined;
    writer.load(8, 3, frame, slot);
    const end = followMembers(writer, read.structure, read.members, slot, failed);
    if (end?.width === undefined) return undefined;
    writer.store(8, frame, slot, 0);
    copyToStack(writer, slot, end.width, failed);
  }
  if (read.isNull) {
    const isNot = writer.fresh('pointer');
    writer.load(8, 1, frame, slot);
    writer.move(2, 0);
    writer.when(1, '!=', 0, isNot);
    writer.move(2, 1);
    writer.label(isNot);
    writer.store(8, frame, slot, register(2));
  }
  writer.jump(done);
  writer.label(failed);
  markUnknown(writer, context, bit);
  writer.label(done);
  return slot;
}

function readAnyText(
  context: FieldContext,
  field: HookField,
  plan: TextPlan,
  path: (lengthSlot: number) => void,
): string | undefined {
  const { writer, stack, constants, kernel } = context;
  const { read } = field;
  const failed = writer.fresh('unread');
  const done = writer.fresh('text');
  const text: Register = 9;
  const length: Register = 8;
  if (read.from === 'context') {
    const slot = stack.take(commBytes);
    writer.store(8, frame, slot, 0);
    writer.store(8, frame, slot + 8, 0);
    writer.move(1, register(frame));
    writer.calculate('add', 1, slot);
    writer.move(2, commBytes);
    writer.call('get_current_comm');
    writer.move(text, register(frame));
    writer.calculate('add', text, slot);
    readText(writer, constants, plan, text, undefined, commBytes);
    return undefined;
  }
  if (read.from !== 'argument') return `\`${field.name}\` is no text`;
  const slot = stack.take(8);
  copyArgument(writer, argumentIndex(read, kernel), slot, failed);
  if (field.type === 'path') {
    const isRead =
      read.walk === undefined
        ? readPath(context, read, argumentIndex(read, kernel), slot, failed)
        : walkPath(context, read, slot, failed);
    if (!isRead) {
      return `the path of \`${field.name}\` cannot be read`;
    }
    path(slot);
    writer.move(text, register(scratchRegister));
    writer.calculate('add', text, scratch.path);
    readText(writer, constants, plan, text, length, pathBytes);
  } else {
    writer.load(8, 3, frame, slot);
    if (read.members.length > 0) {
      if (read.structure === undefined) return `the kernel's types of \`${field.name}\` are not known`;
      const end = followMembers(writer, read.structure, read.members, slot, failed);
      if (end === undefined) return `the kernel's types of \`${field.name}\` are not known`;
      if (end.type === '*') {
        copyToStack(writer, slot, 8, failed);
        writer.load(8, 3, frame, slot);
      }
    }
    writer.move(text, register(scratchRegister));
    writer.calculate('add', text, scratch.text);
    writer.move(1, register(text));
    // A text that fills more than the room has been cut off.
    writer.move(2, textBytes + 1);
    writer.call('probe_read_kernel_str');
    writer.when(0, 's<=', 0, failed);
    writer.when(0, '>', textBytes, failed);
    writer.move(length, register(0));
    endText(writer, text, length);
    readText(writer, constants, plan, text, length, textBytes);
  }
  writer.jump(done);
  writer.label(failed);
  if (field.type === 'path') writer.store(8, frame, slot, 0);
  answerUnknown(writer, plan);
  writer.label(done);
  return undefined;
}
