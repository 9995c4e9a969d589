import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { withLock } from '../audit/lock.ts';
import { AuditFailure } from '../audit/log.ts';
import { appendLine, readText } from '../signing/record-lines.ts';
import { instant } from '../signing/time.ts';
import { type LedgerRecord, ledgerLine, tornDigest } from './ledger-records.ts';
import { type LedgerState, readLedger } from './ledger-state.ts';
import { type PlannedLaunch, type ReportedSpend, readSpend, type SpendReading } from './spend.ts';

/**
 * Decides a launch while no other process decides one by the same ledger: `decide` is told what is spent, this launch
 * included, and calls `reserve` where it is to be started. Then the launch counts from now on, whatever becomes of this
 * process, until somebody says that it was released or has ended. False where it was reserved before: whoever did that may
 * still be at it.
 *
 * @param path a file of one JSON record a line, made where there is none
 * @param now milliseconds since 1970
 * @throws AuditFailure where the ledger cannot be read, locked or written; what `decide` throws
 */
export function withSpend<T>(
  path: string,
  planned: PlannedLaunch,
  now: number,
  decide: (reading: SpendReading, reserve: () => boolean) => T,
  reported?: ReportedSpend,
): T {
  return withLedger(path, (ledger, append) => {
    let decided = false;
    const reserve = () => {
      if (decided) throw new Error('a launch is reserved only while it is decided');
      const before = ledger.entries.get(planned.id);
      if (before === undefined) {
        append(reservation(planned, now));
        return true;
      }
      if (before.ran.at(-1)?.to !== undefined || before.ran.length === 0) {
        throw new AuditFailure(path, `the launch \`${planned.id}\` has ended; it needs another id to be tried again`);
      }
      return false;
    };
    try {
      return decide(readSpend(ledger, planned, now, reported), reserve);
    } finally {
      decided = true;
    }
  });
}

/** Says which instance a reservation became. Throws `AuditFailure`. */
export function confirmLaunch(path: string, id: string, instance: string, now: number): void {
  record(path, id, { format: 1, event: 'confirm', id, at: instant(now), instance });
}

/**
 * Says that a reservation became no instance, and costs nothing. Only where that is certain: after a call without an
 * answer an instance may run. Nothing is said where another call by its name has one since, which counts. Throws
 * `AuditFailure`.
 */
export function releaseLaunch(path: string, id: string, now: number): void {
  record(path, id, { format: 1, event: 'release', id, at: instant(now) });
}

/** Says that an instance was stopped or terminated. Throws `AuditFailure`. */
export function endLaunch(path: string, id: string, now: number): void {
  record(path, id, { format: 1, event: 'end', id, at: instant(now) });
}

/** What a ledger says; that of no file says nothing. Throws `AuditFailure`. */
export function openLedger(path: string): LedgerState {
  return readLedger(readText(path));
}

/** Reads and changes a ledger while nobody else does. Throws `AuditFailure`. */
export function withLedger<T>(
  path: string,
  work: (ledger: LedgerState, append: (...records: readonly LedgerRecord[]) => void) => T,
): T {
  makeFolder(path);
  return withLock(path, () => {
    const ledger = openLedger(path);
    let { torn } = ledger;
    return work(ledger, (...records) => {
      const lines = records.map(ledgerLine);
      const [first] = records;
      if (first === undefined) return;
      if (torn !== undefined)
        lines.unshift(ledgerLine({ format: 1, event: 'torn', at: first.at, digest: tornDigest(torn) }));
      torn = undefined;
      appendLine(path, lines.join('\n'), 0o600);
    });
  });
}

function record(path: string, id: string, line: LedgerRecord): void {
  withLedger(path, (ledger, append) => {
    const entry = ledger.entries.get(id);
    if (entry === undefined) throw new AuditFailure(path, `it has no launch \`${id}\``);
    if (line.event === 'release' && entry.instance !== undefined) return;
    append(line);
  });
}

function reservation(planned: PlannedLaunch, now: number): LedgerRecord {
  const { id, profile, who, name, region, instanceType, hourlyCost, until } = planned;
  return {
    format: 1,
    event: 'reserve',
    at: instant(now),
    id,
    ...(profile === undefined ? {} : { profile }),
    who,
    name,
    region,
    instance_type: instanceType,
    ...(hourlyCost === undefined ? {} : { hourly_cost: hourlyCost }),
    ...(until === undefined ? {} : { until: instant(until) }),
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new AuditFailure(path, `its folder cannot be made: ${code}`);
  }
}
