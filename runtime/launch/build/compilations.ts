import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineArchitecture } from '../../../compiler/ir/obligation.ts';
import { isLocked, tryLock } from '../../audit/lock.ts';
import { syncFolder } from '../../tenancy/sync-folder.ts';
import { Compilation } from './compilation.ts';
import { minutesLeft, percentAt } from './estimate.ts';
import { BuildJournalFailure, openBuildJournal, readBuildJournal } from './journal.ts';
import { type BuildPlan, isCompilationId } from './plan.ts';
import { type BuildState, buildState, type PlaceState } from './state.ts';
import type { BuildWorld } from './world.ts';

/** A compilation that this process alone works on, until it is closed. */
export interface OpenedCompilation {
  readonly run: Compilation;
  readonly close: () => void;
}

/** Why a compilation cannot be worked on. */
export type NotOpened = 'unknown' | 'held';

/** Where the journal of a compilation is, in the folder of all. */
export function buildJournalPath(folder: string, id: string): string {
  return join(folder, id, 'journal.jsonl');
}

export function resultPath(folder: string, id: string): string {
  return join(folder, id, 'result.json');
}

/**
 * Writes down what a compilation is to do, before anything is made.
 *
 * @param folder of all compilations, which is there
 * @param now milliseconds since 1970
 * @throws BuildJournalFailure, AuditFailure
 */
export function writePlan(folder: string, plan: BuildPlan, now: number): void {
  const path = buildJournalPath(folder, plan.id);
  try {
    mkdirSync(join(folder, plan.id), 0o700);
    syncFolder(folder);
  } catch (error) {
    throw new BuildJournalFailure(path, error instanceof Error ? error.message : String(error));
  }
  const release = tryLock(path);
  if (release === undefined) throw new BuildJournalFailure(path, 'another process has begun it');
  try {
    const journal = openBuildJournal(path);
    journal.append({ kind: 'begin', plan, at: new Date(now).toISOString() });
    journal.close();
  } finally {
    release();
  }
}

/** What a compilation does; undefined where there is none. Throws `BuildJournalFailure`. */
export function readPlan(folder: string, id: string): BuildPlan | undefined {
  return isCompilationId(id) ? buildState(readBuildJournal(buildJournalPath(folder, id)) ?? [])?.plan : undefined;
}

/**
 * Opens a compilation to go on with it.
 *
 * @throws BuildJournalFailure, AuditFailure
 */
export function openCompilation(folder: string, id: string, world: BuildWorld): OpenedCompilation | NotOpened {
  const path = buildJournalPath(folder, id);
  if (!isCompilationId(id) || readBuildJournal(path) === undefined) return 'unknown';
  const release = tryLock(path);
  if (release === undefined) return 'held';
  try {
    // Only now does nobody else add to it.
    const state = buildState(readBuildJournal(path) ?? []);
    // The process was gone before the plan was written, and so nothing was made.
    if (state === undefined) {
      release();
      return 'unknown';
    }
    return opened(state, openBuildJournal(path), release, world);
  } catch (error) {
    release();
    throw error;
  }
}

function opened(
  state: BuildState,
  journal: ReturnType<typeof openBuildJournal>,
  release: () => void,
  world: BuildWorld,
): OpenedCompilation {
  const run = new Compilation(state, journal, world);
  return {
    run,
    close() {
      journal.close();
      release();
    },
  };
}

export type CompilationStatus = 'in-progress' | 'complete' | 'failed' | 'interrupted' | 'abandoned';

/** What people and lists are told of a compilation. */
export interface CompilationView {
  readonly id: string;
  readonly template: string;
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly status: CompilationStatus;
  readonly places: readonly PlaceView[];
  /** Minutes that are left, where it is in progress. */
  readonly minutesLeft?: number;
}

export interface PlaceView {
  readonly region: string;
  readonly architecture: MachineArchitecture;
  readonly status: 'complete' | 'failed' | 'in-progress';
  readonly image?: string;
  readonly signed: boolean;
  readonly stage: string;
  readonly percent: number;
  readonly failure?: PlaceFault;
}

/** Why no image came of a builder. */
export interface PlaceFault {
  readonly stage: string;
  readonly reason: string;
  readonly command?: string;
  /** The last lines. */
  readonly output?: string;
}

/** The compilations of a folder, the newest first. Those whose journal cannot be read are named apart. */
export function readCompilations(
  folder: string,
  now: number,
): { readonly compilations: readonly CompilationView[]; readonly unreadable: readonly BuildJournalFailure[] } {
  const compilations: CompilationView[] = [];
  const unreadable: BuildJournalFailure[] = [];
  for (const id of idsIn(folder)) {
    try {
      const view = readCompilation(folder, id, now);
      if (view !== undefined) compilations.push(view);
    } catch (error) {
      if (!(error instanceof BuildJournalFailure)) throw error;
      unreadable.push(error);
    }
  }
  compilations.sort((left, right) => right.startedAt - left.startedAt || (left.id < right.id ? -1 : 1));
  return { compilations, unreadable };
}

/** One compilation as it is now; undefined where there is none. Throws `BuildJournalFailure`. */
export function readCompilation(folder: string, id: string, now: number): CompilationView | undefined {
  const path = buildJournalPath(folder, id);
  const state = buildState(readBuildJournal(path) ?? []);
  return state === undefined ? undefined : viewOf(state, isLocked(path), now);
}

/** @param working whether a process works on it now */
function viewOf(state: BuildState, working: boolean, now: number): CompilationView {
  const { plan, begunAt: startedAt } = state;
  const places = state.places.map((place) => placeView(place, plan, working ? now : state.lastAt));
  const left = state.places.map(({ planned }, index) => minutesLeft(plan, planned, places[index]?.percent ?? 0));
  const status = statusOf(state, places, working);
  return {
    id: plan.id,
    template: plan.template,
    file: plan.file,
    startedAt,
    status,
    places,
    ...(status === 'in-progress' ? { minutesLeft: Math.max(0, ...left) } : {}),
  };
}

function statusOf(
  { places: states, abandoning }: BuildState,
  places: readonly PlaceView[],
  working: boolean,
): CompilationStatus {
  if (abandoning) return 'abandoned';
  if (states.every(({ complete }) => complete)) return 'complete';
  if (working) return 'in-progress';
  return places.some(({ status }) => status === 'failed') ? 'failed' : 'interrupted';
}

function placeView(place: PlaceState, plan: BuildPlan, now: number): PlaceView {
  const { planned, failure, image, complete, stage, stageAt, signature } = place;
  return {
    region: planned.region,
    architecture: planned.architecture,
    status: complete ? 'complete' : failure === undefined ? 'in-progress' : 'failed',
    ...(image === undefined ? {} : { image }),
    signed: signature !== undefined,
    stage,
    percent: complete ? 100 : percentAt(plan, planned, stage, now - stageAt),
    ...(failure === undefined ? {} : { failure: failureOf(failure) }),
  };
}

function failureOf({ stage, reason, command, output }: NonNullable<PlaceState['failure']>): PlaceFault {
  return {
    stage,
    reason,
    ...(command === undefined ? {} : { command }),
    ...(output === undefined ? {} : { output }),
  };
}

function idsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isCompilationId);
  } catch {
    // Nothing was built yet.
    return [];
  }
}
