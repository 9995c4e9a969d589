import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import type { AwsFailure } from '../../../runtime/aws/failure.ts';
import type { OpenedCompilation } from '../../../runtime/launch/build/compilations.ts';
import { BuildJournalFailure } from '../../../runtime/launch/build/journal.ts';
import type { BuildPlan } from '../../../runtime/launch/build/plan.ts';
import type { CompilationResult } from '../../../runtime/launch/build/result.ts';
import { type PlaceOutcome, runBuild } from '../../../runtime/launch/build/run-build.ts';
import { BuildStopped } from '../../../runtime/launch/build/world.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { report } from '../../report.ts';
import { recordBuilds } from './audit.ts';
import { finish } from './finish.ts';
import { placeText } from './transcript.ts';

/** What became of a compilation in this process. */
export interface RunResult {
  readonly code: number;
  readonly result?: CompilationResult;
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs a compilation to its end or to where it stops, writes down what it made, and closes it. */
export async function runCompilation(
  { run, close }: OpenedCompilation,
  folder: string,
  audit: string | undefined,
): Promise<RunResult> {
  const { plan } = run.state;
  const found: Diagnostic[] = [];
  try {
    const outcomes = await runBuild(run);
    for (const outcome of outcomes.values()) {
      if (outcome.kind === 'interrupted') found.push(interrupted(plan, outcome));
    }
  } catch (error) {
    const stopped = notFinished(plan, error);
    if (stopped === undefined) throw error;
    found.push(stopped);
    if (error instanceof BuildJournalFailure) {
      close();
      return { code: exitCode.environment, diagnostics: found };
    }
  }
  try {
    const { result, diagnostics } = finish(run, folder);
    const failed = run.state.places.filter(({ failure }) => failure !== undefined);
    const failures = failed.map((place) => {
      const { reason = '', command, output, stage = '' } = place.failure ?? {};
      const notes = [
        `while: ${stage}`,
        ...(command === undefined ? [] : [`command: ${command}`]),
        ...(output ?? '')
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(-10)
          .map((line) => `output: ${line}`),
      ];
      return report('POL8330', spanOf(plan), { place: placeText(place.planned), reason, id: plan.id }, { notes });
    });
    const code = found.length > 0 ? exitCode.environment : failures.length > 0 ? exitCode.policy : exitCode.fine;
    const event = code === exitCode.fine ? 'complete' : code === exitCode.policy ? 'failed' : 'unfinished';
    const unrecorded = recordBuilds(audit, event, [run.state]);
    if (unrecorded !== undefined) diagnostics.push(unrecorded);
    return {
      code: unrecorded === undefined ? code : exitCode.environment,
      result,
      diagnostics: [...failures, ...found, ...diagnostics],
    };
  } catch (error) {
    const journal = notFinished(plan, error);
    if (journal === undefined) throw error;
    return { code: exitCode.environment, diagnostics: [...found, journal] };
  } finally {
    close();
  }
}

function interrupted(plan: BuildPlan, { failure }: Extract<PlaceOutcome, { kind: 'interrupted' }>): Diagnostic {
  return report('POL8331', spanOf(plan), { id: plan.id, reason: failedText(failure) });
}

/** What AWS refused, and why. */
export function failedText({ action, code, message }: AwsFailure): string {
  return `${action} failed: ${message} (${code})`;
}

/** What a run says that ended early; undefined where the error is none of those that are foreseen. */
function notFinished(plan: BuildPlan, error: unknown): Diagnostic | undefined {
  if (error instanceof BuildStopped) {
    return report('POL8331', spanOf(plan), { id: plan.id, reason: 'it was asked to stop' });
  }
  return journalProblem(error);
}

export function journalProblem(error: unknown): Diagnostic | undefined {
  if (error instanceof BuildJournalFailure || error instanceof AuditFailure) {
    const span = { file: error.path, start: 0, end: 0 };
    return report('POL8334', span, { path: error.path, reason: error.message });
  }
  return undefined;
}

function spanOf({ file }: BuildPlan) {
  return { file, start: 0, end: 0 };
}

/**
 * Goes on with a compilation in a process of its own, which outlives this one and writes to `log` in the compilation's
 * folder. Gives the reason where it cannot be started.
 */
export function detach(id: string, folder: string, words: readonly string[]): string | undefined {
  try {
    const log = openSync(join(folder, id, 'log'), 'a', 0o600);
    const script = process.argv[1] ?? '';
    const child = spawn(
      process.execPath,
      [...process.execArgv, script, 'template', 'build', '--resume', id, ...words],
      {
        detached: true,
        stdio: ['ignore', log, log],
      },
    );
    child.on('error', () => {});
    child.unref();
    closeSync(log);
    return child.pid === undefined ? 'no process could be started' : undefined;
  } catch (error) {
    return failureText(error);
  }
}
