import { type ProgramWriter, register } from './assembler.ts';
import type { Frame } from './hook/frame.ts';
import { levelMap } from './hook/layout.ts';
import { frame } from './instruction.ts';
import type { BpfMap } from './maps.ts';

/**
 * Writes the code that lets everything pass until the program was moved to the level that the object is of. One word switches
 * all programs of an object at once, and cannot fail as an attachment can: those are attached before the program starts.
 *
 * @param pass ends the program with the answer that lets pass
 */
export function onlyOnceMoved(writer: ProgramWriter, stack: Frame, maps: Map<string, BpfMap>, pass: () => void): void {
  maps.set(levelMap, { name: levelMap, type: 'array', keyBytes: 4, valueBytes: 8, entries: 1 });
  const moved = writer.fresh('moved');
  const waiting = writer.fresh('waiting');
  const { taken } = stack;
  const key = stack.take(8);
  writer.remark('whether the program was moved to this level');
  writer.store(8, frame, key, 0);
  writer.loadMap(1, levelMap);
  writer.move(2, register(frame));
  writer.calculate('add', 2, key);
  writer.call('map_lookup_elem');
  writer.when(0, '==', 0, waiting);
  writer.load(8, 1, 0, 0);
  writer.when(1, '!=', 0, moved);
  writer.label(waiting);
  pass();
  writer.label(moved);
  stack.release(taken);
}
