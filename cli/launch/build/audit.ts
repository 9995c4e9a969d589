import { dirname } from 'node:path';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { type BuildEvent, buildEntry } from '../../../runtime/audit/build-record.ts';
import { openAuditFile } from '../../../runtime/audit/file.ts';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import type { AuditEntry } from '../../../runtime/audit/record.ts';
import type { BuildState } from '../../../runtime/launch/build/state.ts';
import { actor, auditPath } from '../../audit/place.ts';
import { failureText } from '../../failure.ts';
import { makeFolders } from '../../folders.ts';
import { report } from '../../report.ts';

/** Writes records of compilations; gives the finding where they cannot be written. */
export function recordBuilds(
  option: string | undefined,
  event: BuildEvent,
  states: readonly Pick<BuildState, 'plan' | 'places'>[],
): Diagnostic | undefined {
  return recordEntries(
    option,
    states.map((state) => buildEntry(event, state, actor(), Date.now())),
  );
}

/** Writes records; gives the finding where they cannot be written. */
export function recordEntries(option: string | undefined, entries: readonly AuditEntry[]): Diagnostic | undefined {
  const path = auditPath(option);
  try {
    makeFolders(dirname(path), 0o700);
    openAuditFile(path).append(entries);
    return undefined;
  } catch (error) {
    const reason = error instanceof AuditFailure ? error.message : failureText(error);
    return report('POL8059', { file: path, start: 0, end: 0 }, { path, reason });
  }
}
