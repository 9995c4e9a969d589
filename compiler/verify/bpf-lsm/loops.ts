import type { Decoded } from './instructions.ts';
import type { ProgramState } from './state.ts';

/**
 * Whether a loop ends for a reason that the verifier sees: the jump back compares, with a number, a register that is a
 * known number where the loop is entered and that the loop does nothing with but add a number to it.
 *
 * @param head the slot that `jump` goes back to
 */
export function boundedLoop(
  instructions: readonly Decoded[],
  states: ReadonlyMap<number, ProgramState>,
  head: number,
  jump: Decoded,
): boolean {
  const operation = jump.opcode & 0xf0;
  const compares = (jump.opcode & 7) === 5 && (jump.opcode & 8) === 0 && (operation === 0x50 || operation === 0xa0);
  if (!compares || jump.immediate <= 0) return false;
  const counter = jump.destination;
  let added = 0;
  for (const each of instructions) {
    if (each.slot < head || each.slot > jump.slot) continue;
    const kind = each.opcode & 7;
    if (each.call !== undefined && counter <= 5) return false;
    const writes = (kind === 0 || kind === 1 || kind === 4 || kind === 7) && each.destination === counter;
    const fetches = kind === 3 && (each.opcode & 0xe0) === 0xc0 && each.source === counter;
    if (fetches) return false;
    if (!writes) continue;
    if (each.opcode !== 0x07 || each.immediate <= 0) return false;
    added += each.immediate;
  }
  const before = instructions.filter(({ next, slot }) => next.includes(head) && slot < head);
  const entered = before.every((each) => {
    const isStart = each.opcode === 0xb7 && each.destination === counter;
    const known = states.get(each.slot)?.registers[counter];
    const number = isStart ? each.immediate : typeof known === 'object' && 'number' in known ? known.number : undefined;
    if (number === undefined || number > jump.immediate || added === 0) return false;
    // What is compared for being another number must come to be that number.
    return operation === 0xa0 || (jump.immediate - number) % added === 0;
  });
  return before.length > 0 && entered;
}
