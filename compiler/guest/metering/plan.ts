import { readInstruction } from '../instructions.ts';
import type { Reader } from '../reader.ts';
import type { ShortFunctions } from './short-functions.ts';

/** Every 256 instructions between two points where units are taken cost one unit more. */
const instructionsPerUnit = 256;

/** The most units of a turn that are counted in a loop of its own. */
const mostUnitsWithin = 512;

/** A call before which units are taken, for all calls that follow it in one line. */
export interface CallPoint {
  /** The offset of the instruction. */
  readonly at: number;
  units: number;
}

/** A loop, in the order in which they begin. */
export interface LoopPlan {
  /**
   * Where its turns are counted: before a call that each begins with, at its beginning, or there without a call in it, which
   * stands around it: so engines unroll it and keep values in registers.
   */
  readonly counted: 'with-call' | 'within' | 'around';
  readonly units: number;
}

/** Where units are taken in one function. */
export interface Plan {
  /** The units that its instructions outside loops cost beside the one of the call. */
  readonly entry: number;
  readonly calls: readonly CallPoint[];
  readonly loops: readonly LoopPlan[];
}

interface OpenLoop {
  instructions: number;
  /** Neither a loop nor a call in it, nor anything of exceptions. */
  simple: boolean;
  call: CallPoint | undefined;
}

/**
 * Every call costs one unit, but of short functions, whose instructions are counted with the caller's own; every turn of a
 * loop costs one; and 256 instructions that are run at most once in a call or a turn cost one more, each 256. So no
 * guest runs more than 256 instructions for each unit.
 *
 * @param reader at the first instruction of a body
 */
export function planOf(reader: Reader, short: ShortFunctions): Plan {
  const calls: CallPoint[] = [];
  const loops: OpenLoop[] = [];
  const whole: OpenLoop = { instructions: 0, simple: false, call: undefined };
  /** The stretch that each open block counts for. */
  const open: OpenLoop[] = [whole];
  /** The call of the present line, all of which is run where its beginning is, and the loop whose turns begin with it. */
  let line: { call: CallPoint | undefined; readonly loop: OpenLoop | undefined } = { call: undefined, loop: undefined };
  while (!reader.done) {
    const at = reader.at;
    const opcode = reader.bytes[at]!;
    const immediate = readInstruction(reader);
    const within = open.at(-1) ?? whole;
    within.instructions += 1;
    switch (immediate.kind) {
      case 'open':
        if (opcode !== 0x02) within.simple &&= opcode === 0x04;
        open.push(within);
        break;
      case 'loop': {
        within.simple = false;
        const loop: OpenLoop = { instructions: 0, simple: true, call: undefined };
        loops.push(loop);
        open.push(loop);
        line = { call: undefined, loop };
        break;
      }
      case 'end':
        open.pop();
        break;
      case 'throw':
      case 'bulk':
        within.simple = false;
        break;
      case 'call':
      case 'indirect': {
        within.simple = false;
        const inside = immediate.kind === 'call' && opcode === 0x10 ? short.instructions(immediate.index) : 0;
        within.instructions += inside;
        if (inside > 0) break;
        if (line.call === undefined) {
          line.call = { at, units: 0 };
          calls.push(line.call);
          if (line.loop !== undefined) line.loop.call = line.call;
        }
        line.call.units += 1;
        break;
      }
    }
    if (endsLine(opcode)) line = { call: undefined, loop: undefined };
  }
  return {
    entry: Math.floor(whole.instructions / instructionsPerUnit),
    calls,
    loops: loops.map(({ instructions, simple, call }) => {
      const units = 1 + Math.floor(instructions / instructionsPerUnit);
      if (call !== undefined) call.units += units;
      if (call !== undefined) return { counted: 'with-call', units };
      return { counted: simple && units <= mostUnitsWithin ? 'around' : 'within', units };
    }),
  };
}

/** Whether control may go elsewhere behind this instruction, or come from elsewhere. A loop begins a line of its own. */
function endsLine(opcode: number): boolean {
  switch (opcode) {
    case 0x00: // unreachable
    case 0x0f: // return
    case 0x12: // return_call
    case 0x13: // return_call_indirect
    case 0x18: // delegate
    case 0x19: // catch_all
    case 0x1f: // try_table
      return true;
    default: // if, else, try, catch, throw, rethrow, throw_ref, end, br, br_if, br_table
      return opcode >= 0x04 && opcode <= 0x0e;
  }
}
