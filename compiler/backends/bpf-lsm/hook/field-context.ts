import type { KernelVersion } from '../../../target.ts';
import { type ProgramWriter, register } from '../assembler.ts';
import type { Constants } from '../constants.ts';
import { frame, type Register } from '../instruction.ts';
import type { Frame } from './frame.ts';
import { step } from './layout.ts';

/** What everything that writes a part of one program has. */
export interface FieldContext {
  readonly writer: ProgramWriter;
  readonly stack: Frame;
  readonly constants: Constants;
  readonly hook: string;
  readonly kernel: KernelVersion;
  /** The word on the stack with a bit for each number of which nothing is known. */
  readonly unknownSlot: number;
}

/** Sets the bit of a number in the word of unknown ones. */
export function markUnknown(writer: ProgramWriter, { unknownSlot }: FieldContext, bit: number): void {
  writer.load(8, 1, frame, unknownSlot);
  writer.loadNumber(2, 1n << BigInt(bit));
  writer.calculate('or', 1, register(2));
  writer.store(8, frame, unknownSlot, register(1));
}

/** Writes zeros from the NUL on, for the step in which the text ends. */
export function endText(writer: ProgramWriter, text: Register, length: Register): void {
  writer.move(1, register(text));
  writer.calculate('add', 1, register(length));
  writer.store(step, 1, -1, 0);
}
