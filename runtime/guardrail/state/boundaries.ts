import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import type { BoundaryLedger, BoundaryRecord } from './boundary-ledger.ts';
import { placeOf } from './problems.ts';
import type { TrackedPort } from './tracked-port.ts';

export interface WantedBoundary {
  readonly policy: string;
  readonly principal: string;
  readonly boundary: string;
  readonly breach: string;
  readonly expires: string;
}

/**
 * Sets a boundary on top of the pile, or brings the one that the policy has in it up to date. The record goes first, so
 * that what was there before is known whenever this ends.
 *
 * @param current the boundary that the principal has
 * @param settled the response was in force, so that a boundary of another's is one set by hand
 */
export async function placeBoundary(
  { policy, principal, boundary, breach, expires }: WantedBoundary,
  current: string | undefined,
  settled: boolean,
  ledger: BoundaryLedger,
  port: TrackedPort,
): Promise<readonly Diagnostic[]> {
  const pile = ledger.onPrincipal(principal);
  const own = pile.find((record) => record.policy === policy);
  if (own === undefined) {
    const order = (pile.at(-1)?.order ?? 0) + 1;
    await ledger.put({ policy, principal, set: boundary, before: current ?? null, order, breach, expires });
    if (current !== boundary) await port.setBoundary(principal, boundary);
    return [];
  }
  const was = own.set === boundary ? own.was : own.set;
  const next = { ...own, ...(was === undefined ? {} : { was }), set: boundary, breach, expires };
  const above = ledger.above(own);
  if (above !== undefined) {
    await putChanged(own, next, ledger);
    // What lies above found the boundary of this record, or, where that was never set, what this record had found.
    if (above.before === was || (above.before === own.before && above.before !== boundary)) {
      await ledger.put({ ...above, before: boundary });
    }
    return [];
  }
  const isForeign = current !== boundary && current !== was && (current ?? null) !== own.before;
  await putChanged(own, isForeign ? { ...next, before: current ?? null } : next, ledger);
  if (current === boundary) return [];
  await port.setBoundary(principal, boundary);
  const isByHand = settled && current !== was;
  return isByHand ? [report('POL8031', placeOf(principal), { principal, policy })] : [];
}

/**
 * How to undo `placeBoundary`, from before it is called: what there is then comes back as it was.
 *
 * @param current the boundary that the principal has
 */
export function undoBoundary(
  { policy, principal }: Pick<WantedBoundary, 'policy' | 'principal'>,
  current: string | undefined,
  ledger: BoundaryLedger,
  port: TrackedPort,
): () => Promise<void> {
  const own = () => ledger.onPrincipal(principal).find((record) => record.policy === policy);
  const before = own();
  const above = before === undefined ? undefined : ledger.above(before);
  return async () => {
    const now = own();
    if (before !== undefined) {
      if (above !== undefined) await ledger.put(above);
      else if ((await port.principal(principal))?.boundary !== current) await port.setBoundary(principal, current);
      await ledger.put(before);
    } else if (now !== undefined) await restoreBoundary(now, ledger, port);
    // The record may have been written by a call that seemed to fail.
    else await ledger.delete({ policy, principal });
  };
}

/** Takes a boundary out of the pile, wherever in it, and puts back what it found where it is on top. */
export async function restoreBoundary(
  own: BoundaryRecord,
  ledger: BoundaryLedger,
  port: TrackedPort,
): Promise<readonly Diagnostic[]> {
  const { principal, before } = own;
  const above = ledger.above(own);
  const diagnostics: Diagnostic[] = [];
  if (above === undefined) {
    const found = await port.principal(principal);
    const now = found?.boundary ?? null;
    if (found !== undefined && now !== before) {
      if (isOwn(own, now)) await port.setBoundary(principal, before ?? undefined);
      else
        diagnostics.push(report('POL8026', placeOf(principal), { principal, now: named(now), before: named(before) }));
    }
  } else if (isOwn(own, above.before) && above.before !== before) {
    await ledger.put({ ...above, before });
  }
  await ledger.delete(own);
  return diagnostics;
}

/** Whether it is the boundary that the record stands for, and not one set by hand. */
export function isOwn({ set, was }: BoundaryRecord, boundary: string | null): boolean {
  return boundary !== null && (boundary === set || boundary === was);
}

async function putChanged(own: BoundaryRecord, next: BoundaryRecord, ledger: BoundaryLedger): Promise<void> {
  if (JSON.stringify(own) !== JSON.stringify(next)) await ledger.put(next);
}

function named(boundary: string | null): string {
  return boundary === null ? 'none' : `\`${boundary}\``;
}
