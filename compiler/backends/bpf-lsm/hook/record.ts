import { register } from '../assembler.ts';
import { frame, type Register } from '../instruction.ts';
import type { FieldContext } from './field-context.ts';
import { commBytes, eventsMap, pathBytes, record, scratch } from './layout.ts';
import { scratchRegister } from './memory.ts';

/** Where a program puts its records. */
export interface RecordPlace {
  /** Offset of the record on the stack, where the program reads no path. */
  readonly stack?: number;
  /** The word with the bytes of the path that lies behind the record in the task's room. */
  readonly pathLength?: number;
}

/** Writes the code that puts a record into the ring buffer; what finds no room there is lost, and decides nothing. */
export function writeRecord({ writer }: FieldContext, place: RecordPlace, rule: number, answer: number): void {
  const base: Register = 8;
  if (place.stack === undefined) {
    writer.move(base, register(scratchRegister));
    if (scratch.record !== 0) writer.calculate('add', base, scratch.record);
  } else {
    writer.move(base, register(frame));
    writer.calculate('add', base, place.stack);
  }
  writer.store(4, base, record.version, 1);
  writer.store(4, base, record.rule, rule);
  writer.call('ktime_get_ns');
  writer.store(8, base, record.time, register(0));
  writer.call('get_current_cgroup_id');
  writer.store(8, base, record.cgroup, register(0));
  writer.call('get_current_pid_tgid');
  writer.store(8, base, record.thread, register(0));
  writer.call('get_current_uid_gid');
  writer.store(8, base, record.user, register(0));
  writer.store(4, base, record.answer, answer);
  writer.store(4, base, record.pathBytes, 0);
  writer.store(8, base, record.comm, 0);
  writer.store(8, base, record.comm + 8, 0);
  writer.move(1, register(base));
  writer.calculate('add', 1, record.comm);
  writer.move(2, commBytes);
  writer.call('get_current_comm');
  writer.move(3, record.path);
  if (place.pathLength !== undefined) {
    const none = writer.fresh('no-path');
    writer.load(8, 1, frame, place.pathLength);
    writer.when(1, '>=', pathBytes, none);
    writer.store(4, base, record.pathBytes, register(1));
    writer.calculate('add', 3, register(1));
    writer.label(none);
  }
  writer.loadMap(1, eventsMap);
  writer.move(2, register(base));
  writer.move(4, 0);
  writer.call('ringbuf_output');
}
