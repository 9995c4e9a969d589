import type { Json, JsonMap } from '../port.ts';
import { type Change, subjectOf, teamOfChange, withoutContent } from './change.ts';
import type { Finding } from './finding.ts';
import type { RecordWrite } from './records.ts';

/** How far an operation is: `waiting`, `running`, then one of the others for good. */
export type OperationState = 'waiting' | 'running' | 'done' | 'failed';

/** What the journal says of an operation, in the order in which it happens. */
export type JournalEntry =
  | {
      readonly event: 'accepted';
      readonly operation: string;
      /** RFC 3339, in UTC. */
      readonly time: string;
      /** The name of the token. */
      readonly actor: string;
      readonly change: Change;
      /** The Idempotency-Key, and a digest of the request that it came with. */
      readonly repeat?: { readonly key: string; readonly request: string };
    }
  /** From here the writes are done again after a crash, until `committed`, or taken back by `undo` after `undoing`. */
  | {
      readonly event: 'begun';
      readonly operation: string;
      readonly writes: readonly RecordWrite[];
      readonly undo: readonly RecordWrite[];
    }
  | { readonly event: 'undoing'; readonly operation: string; readonly findings: readonly Finding[] }
  | { readonly event: 'committed'; readonly operation: string }
  | {
      readonly event: 'finished';
      readonly operation: string;
      readonly time: string;
      readonly state: 'done' | 'failed';
      readonly findings: readonly Finding[];
      /** What a change that answers at once has answered, without the key. */
      readonly result?: JsonMap;
    };

type Begun = Extract<JournalEntry, { readonly event: 'begun' }>;

/** An operation as the journal tells it. */
export interface Operation {
  readonly id: string;
  readonly actor: string;
  readonly change: Change;
  readonly accepted: string;
  readonly repeat?: { readonly key: string; readonly request: string };
  readonly state: OperationState;
  /** Rounds that are committed. */
  readonly rounds: number;
  /** The round that was begun and is neither committed nor taken back. */
  readonly begun?: Pick<Begun, 'writes' | 'undo'>;
  /** Why it is being taken back. */
  readonly undoing?: readonly Finding[];
  readonly finished?: string;
  readonly findings: readonly Finding[];
  readonly result?: JsonMap;
}

/** The operation after an entry; undefined where the entry speaks of one that the journal does not have. */
export function afterEntry(operation: Operation | undefined, entry: JournalEntry): Operation | undefined {
  if (entry.event === 'accepted') {
    const { operation: id, actor, change, time: accepted, repeat } = entry;
    const state = 'waiting';
    return { id, actor, change, accepted, state, rounds: 0, findings: [], ...(repeat === undefined ? {} : { repeat }) };
  }
  if (operation === undefined) return undefined;
  switch (entry.event) {
    case 'begun':
      return { ...operation, state: 'running', begun: { writes: entry.writes, undo: entry.undo } };
    case 'undoing':
      return { ...operation, undoing: entry.findings };
    case 'committed': {
      const { begun: _, ...rest } = operation;
      return { ...rest, rounds: operation.rounds + 1 };
    }
    case 'finished': {
      const { begun: _, undoing: __, ...rest } = operation;
      const { state, findings, time: finished, result } = entry;
      const change = withoutContent(operation.change);
      return { ...rest, change, state, findings, finished, ...(result === undefined ? {} : { result }) };
    }
    default: {
      const unreachable: never = entry;
      return unreachable;
    }
  }
}

export function isOver({ state }: Operation): boolean {
  return state === 'done' || state === 'failed';
}

/** An operation as it is answered. */
export function operationJson({ id, actor, change, accepted, state, rounds, finished, findings }: Operation): Json {
  const team = teamOfChange(change);
  return {
    operation: id,
    state,
    change: change.kind,
    subject: subjectOf(change),
    ...(team === undefined ? {} : { team }),
    by: actor,
    accepted,
    ...(finished === undefined ? {} : { finished }),
    ...(rounds > 1 || change.kind === 'put-tier' ? { rounds } : {}),
    findings,
  };
}
