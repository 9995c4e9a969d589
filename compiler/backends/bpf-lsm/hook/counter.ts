import type { CountCalls } from '../../../ir/obligation.ts';
import { register } from '../assembler.ts';
import { frame } from '../instruction.ts';
import type { BpfMap } from '../maps.ts';
import type { ConditionWriter } from './condition.ts';
import { type FieldContext, markUnknown } from './field-context.ts';
import type { Place } from './read-fields.ts';

/** Values of a counter's keys that are kept at once. */
const counterEntries = 16_384;

/** Bytes of a value: when its window began, in nanoseconds, and how many calls it has counted. */
const valueBytes = 16;

/** BPF_NOEXIST: an entry that another processor has made meanwhile stays. */
const onlyNew = 1;

/**
 * The map of a counter. Where there is room for no other key the count is unknown; processes and threads, which come and go,
 * are forgotten instead, those first that were counted least recently.
 */
export function counterMap(name: string, { by }: CountCalls): BpfMap {
  const passing = by.includes('pid') || by.includes('tid');
  const type = passing ? 'lru-hash' : 'hash';
  return { name, type, keyBytes: Math.max(1, by.length) * 8, valueBytes, entries: counterEntries };
}

/**
 * Writes the code that counts a call, and puts the count into `slot`. Two processors that begin a window at the same
 * moment may count a call in the window before.
 *
 * @param places of the attributes that the counter is kept by
 * @param bit the bit in the word of unknown numbers that says that the count is not known
 * @returns what it cannot say, in words
 */
export function countCall(
  context: FieldContext,
  conditions: ConditionWriter,
  places: ReadonlyMap<string, Place>,
  counter: CountCalls,
  map: string,
  slot: number,
  bit: number,
): string | undefined {
  const { writer, stack } = context;
  const { taken } = stack;
  const keyBytes = Math.max(1, counter.by.length) * 8;
  const key = stack.take(keyBytes);
  const value = stack.take(valueBytes);
  const labels = {
    count: writer.fresh('count'),
    read: writer.fresh('read-count'),
    found: writer.fresh('window'),
    same: writer.fresh('same-window'),
    unknown: writer.fresh('no-count'),
    done: writer.fresh('counted'),
  };
  writer.store(8, frame, slot, 0);
  writer.store(8, frame, key, 0);
  for (const [index, name] of counter.by.entries()) {
    const place = places.get(name);
    if (place?.kind !== 'number') return `a counter by \`${name}\``;
    writer.load(8, 1, frame, place.slot);
    writer.store(8, frame, key + index * 8, register(1));
  }
  const lookUp = () => {
    writer.loadMap(1, map);
    writer.move(2, register(frame));
    writer.calculate('add', 2, key);
    writer.call('map_lookup_elem');
  };
  const problem = conditions.write(counter.when, { holds: labels.count, fails: labels.read, unknown: labels.unknown });
  if (problem !== undefined) return problem;
  const window = BigInt(counter.windowMilliseconds) * 1_000_000n;

  // What is not counted is read: 0 where there is no window, or none that lasts.
  writer.label(labels.read);
  writer.call('ktime_get_ns');
  writer.move(9, register(0));
  lookUp();
  writer.when(0, '==', 0, labels.done);
  writer.load(8, 1, 0, 0);
  writer.calculate('sub', 9, register(1));
  writer.loadNumber(1, window);
  writer.when(9, '>=', register(1), labels.done);
  writer.load(8, 1, 0, 8);
  writer.store(8, frame, slot, register(1));
  writer.jump(labels.done);

  writer.label(labels.count);
  writer.call('ktime_get_ns');
  writer.move(9, register(0));
  lookUp();
  writer.when(0, '!=', 0, labels.found);
  writer.store(8, frame, value, register(9));
  writer.store(8, frame, value + 8, 0);
  writer.loadMap(1, map);
  writer.move(2, register(frame));
  writer.calculate('add', 2, key);
  writer.move(3, register(frame));
  writer.calculate('add', 3, value);
  writer.move(4, onlyNew);
  writer.call('map_update_elem');
  lookUp();
  writer.when(0, '==', 0, labels.unknown);
  writer.label(labels.found);
  writer.load(8, 1, 0, 0);
  writer.move(2, register(9));
  writer.calculate('sub', 2, register(1));
  // A window that began after this call's time was read has just begun.
  writer.when(2, 's<', 0, labels.same);
  writer.loadNumber(3, window);
  writer.when(2, '<', register(3), labels.same);
  writer.store(8, 0, 0, register(9));
  writer.store(8, 0, 8, 0);
  writer.label(labels.same);
  writer.move(1, 1);
  writer.fetchAdd(0, 8, 1);
  writer.calculate('add', 1, 1);
  writer.store(8, frame, slot, register(1));
  writer.jump(labels.done);

  writer.label(labels.unknown);
  markUnknown(writer, context, bit);
  writer.label(labels.done);
  stack.release(taken);
  return undefined;
}
