import { getSystemErrorName } from 'node:util';
import type { BpfManifest } from '../../compiler/backends/bpf-lsm/manifest.ts';
import { Readiness } from '../kernel/readiness.ts';
import { openRingBuffer, type RingBuffer } from '../kernel/ring-buffer.ts';
import type { SystemCalls } from '../kernel/system-calls.ts';
import type { LoadedMap } from './load.ts';

/** The ring buffer of records, by its name in objects. */
export const eventsMap = 'events';

/** What a program recorded of a call, as a line of JSON has it. */
export interface HookEvent {
  /** RFC 3339, in UTC. */
  readonly time: string;
  readonly policy: string;
  readonly rule: string;
  readonly hook?: string;
  /** The policy's line that the rule stands in. */
  readonly file?: string;
  readonly line?: number;
  readonly text?: string;
  /** `recorded`: the statement decides nothing. */
  readonly answer: 'allowed' | 'refused' | 'recorded';
  /** Why it is refused, as the program is told: `EPERM`. */
  readonly error?: string;
  readonly path?: string;
  readonly command: string;
  readonly pid: number;
  readonly thread: number;
  readonly uid: number;
  readonly gid: number;
  readonly cgroup: string;
}

/** Where the fields of a record lie: docs/bpf-lsm.md, "Records". */
const at = { rule: 4, time: 8, cgroup: 16, thread: 24, pid: 28, uid: 32, gid: 36, answer: 40, pathBytes: 44, comm: 48 };
const headBytes = 64;
const layoutVersion = 1;

/**
 * @param monotonic CLOCK_MONOTONIC in nanoseconds at `now`, which is in milliseconds since 1970
 * @returns undefined for what is no record of this layout
 */
export function eventOf(
  record: DataView,
  policy: string,
  rules: BpfManifest['rules'],
  monotonic: bigint,
  now: number,
): HookEvent | undefined {
  if (record.byteLength < headBytes || record.getUint32(0, true) !== layoutVersion) return undefined;
  const rule = rules[record.getUint32(at.rule, true)];
  if (rule === undefined) return undefined;
  const word = (offset: number) => record.getUint32(offset, true);
  const text = (offset: number, most: number) => {
    const bytes = new Uint8Array(record.buffer, record.byteOffset + offset, Math.min(most, record.byteLength - offset));
    const end = bytes.indexOf(0);
    // A copy: the memory of a ring buffer may not be given to a decoder that keeps it.
    return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('utf8');
  };
  const before = Number(monotonic - record.getBigUint64(at.time, true)) / 1e6;
  const answer = record.getInt32(at.answer, true);
  const path = text(headBytes, word(at.pathBytes));
  const hook = /(?:^|\/)hook\/([^/]+)\//.exec(rule.id)?.[1];
  return {
    time: new Date(now - before).toISOString(),
    policy,
    rule: rule.id,
    ...(hook === undefined ? {} : { hook }),
    ...(rule.file === undefined ? {} : { file: rule.file }),
    ...(rule.line === undefined ? {} : { line: rule.line }),
    ...(rule.text === undefined ? {} : { text: rule.text }),
    answer: answer === 0 ? 'allowed' : answer < 0 ? 'refused' : 'recorded',
    ...(answer < 0 ? { error: getSystemErrorName(answer) } : {}),
    ...(path === '' ? {} : { path }),
    command: text(at.comm, 16),
    pid: word(at.pid),
    thread: word(at.thread),
    uid: word(at.uid),
    gid: word(at.gid),
    cgroup: String(record.getBigUint64(at.cgroup, true)),
  };
}

/** Records that are followed as they come. */
export interface FollowedEvents {
  /** Gives what still lies there and stops. */
  end(): Promise<void>;
}

/** Where programs leave records, and what the numbers of rules in them mean. */
export interface RecordSource {
  readonly map: LoadedMap;
  readonly rules: BpfManifest['rules'];
}

/**
 * Gives each record as it comes, of all sources by one thread that waits; what lies there at once, in the order of its time.
 *
 * @throws KernelRefusal where a map is no ring buffer
 */
export function followEvents(
  calls: SystemCalls,
  sources: readonly RecordSource[],
  policy: string,
  each: (event: HookEvent) => void,
): FollowedEvents {
  const rings: { readonly ring: RingBuffer; readonly rules: BpfManifest['rules'] }[] = [];
  const close = () => {
    for (const { ring } of rings.splice(0)) ring.close();
  };
  try {
    for (const { map, rules } of sources)
      rings.push({ ring: openRingBuffer(calls, map.descriptor, map.entries), rules });
  } catch (error) {
    close();
    throw error;
  }
  const readiness = new Readiness(
    calls,
    sources.map(({ map }) => map.descriptor),
  );
  const drain = () => {
    const now = Date.now();
    const monotonic = process.hrtime.bigint();
    const found: { readonly time: bigint; readonly event: HookEvent }[] = [];
    for (const { ring, rules } of rings) {
      ring.read((record) => {
        const event = eventOf(record, policy, rules, monotonic, now);
        if (event !== undefined) found.push({ time: record.getBigUint64(at.time, true), event });
      });
    }
    if (rings.length > 1) found.sort((left, right) => Number(left.time - right.time));
    for (const { event } of found) each(event);
  };
  const following = (async () => {
    while ((await readiness.next()).length > 0) drain();
  })();
  return {
    async end() {
      await readiness.close();
      await following;
      drain();
      close();
    },
  };
}
