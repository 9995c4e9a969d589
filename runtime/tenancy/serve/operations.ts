import { randomUUID } from 'node:crypto';
import { JournalFailure } from '../journal.ts';
import { type Change, isOfKey, teamOfChange } from './change.ts';
import { afterEntry, isOver, type JournalEntry, type Operation } from './operation.ts';
import { type OpenedJournal, type OperationJournal, remembered } from './operation-journal.ts';

/** The most operations that wait: more is said to come back later. */
const mostWaiting = 1000;

/** What became of a request for a change. */
export type Accepted =
  | { readonly ok: true; readonly operation: Operation; readonly repeated: boolean }
  /** `reused`: the Idempotency-Key came with another request. `full`: too many wait. */
  | { readonly ok: false; readonly because: 'reused' | 'full' };

/** The operations of a service: each step is on the disk before it counts. */
export class Operations {
  readonly #journal: OperationJournal;
  readonly #all: Map<string, Operation>;
  readonly #byKey = new Map<string, string>();
  readonly #now: () => number;
  /** Set when the journal could not be written: nothing is accepted any more. */
  #broken: JournalFailure | undefined;

  constructor({ journal, operations }: OpenedJournal, now: () => number) {
    this.#journal = journal;
    this.#all = new Map(operations);
    this.#now = now;
    for (const operation of this.#all.values()) this.#noteKey(operation);
  }

  get broken(): JournalFailure | undefined {
    return this.#broken;
  }

  get(id: string): Operation | undefined {
    return this.#all.get(id);
  }

  /** The latest first. */
  list(): readonly Operation[] {
    return [...this.#all.values()].reverse();
  }

  /** Those that are not over, in their order; keys are made and deleted at once, and wait for nothing. */
  waiting(): readonly Operation[] {
    return [...this.#all.values()].filter((each) => !isOver(each) && !isOfKey(each.change));
  }

  /** The first operation on a team that is not over. */
  onTeam(team: string): Operation | undefined {
    return this.waiting().find(({ change }) => teamOfChange(change) === team);
  }

  /** Keys that were being made or deleted when the process ended. */
  unfinishedKeys(): readonly Operation[] {
    return [...this.#all.values()].filter((each) => !isOver(each) && isOfKey(each.change));
  }

  /**
   * The operation that a request with this Idempotency-Key has begun before; undefined where it is the first.
   *
   * @param key of this actor
   */
  repeated(actor: string, key: string): Operation | undefined {
    return this.#all.get(this.#byKey.get(keyOf(actor, key)) ?? '');
  }

  /** Throws `JournalFailure`. */
  accept(change: Change, actor: string, repeat?: { readonly key: string; readonly request: string }): Accepted {
    const earlier = repeat === undefined ? undefined : this.repeated(actor, repeat.key);
    if (earlier !== undefined) {
      return earlier.repeat?.request === repeat?.request
        ? { ok: true, operation: earlier, repeated: true }
        : { ok: false, because: 'reused' };
    }
    if (!isOfKey(change) && this.waiting().length >= mostWaiting) return { ok: false, because: 'full' };
    const time = new Date(this.#now()).toISOString();
    const entry = { event: 'accepted', operation: randomUUID(), time, actor, change } as const;
    const operation = this.note(repeat === undefined ? entry : { ...entry, repeat });
    return { ok: true, operation, repeated: false };
  }

  /** Writes what has happened, and gives the operation as it is now. Throws `JournalFailure`. */
  note(entry: JournalEntry): Operation {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      this.#journal.append(entry);
    } catch (error) {
      if (error instanceof JournalFailure) this.#broken = error;
      throw error;
    }
    this.#forgetOld();
    const operation = afterEntry(this.#all.get(entry.operation), entry);
    if (operation === undefined) throw new Error(`no operation ${entry.operation}`);
    this.#all.set(operation.id, operation);
    this.#noteKey(operation);
    return operation;
  }

  /** An operation that came to nothing is as if it had not been asked for: its Idempotency-Key may be used again. */
  forgetKey({ id, actor, repeat }: Operation): void {
    if (repeat === undefined) return;
    const key = keyOf(actor, repeat.key);
    // It may be that of a later request by now.
    if (this.#byKey.get(key) === id) this.#byKey.delete(key);
  }

  /** A service that runs for long remembers no more than one that is started again. */
  #forgetOld(): void {
    if (this.#all.size < 2 * remembered) return;
    for (const operation of [...this.#all.values()].filter(isOver).slice(0, remembered)) {
      this.#all.delete(operation.id);
      this.forgetKey(operation);
    }
  }

  close(): void {
    this.#journal.close();
  }

  #noteKey(operation: Operation): void {
    const { id, actor, repeat, change, state } = operation;
    if (repeat === undefined) return;
    // Whoever asks for a key, or for its end, asks again until it is so.
    if (isOfKey(change) && state === 'failed') this.forgetKey(operation);
    else this.#byKey.set(keyOf(actor, repeat.key), id);
  }
}

function keyOf(actor: string, key: string): string {
  return JSON.stringify([actor, key]);
}
