import { type BuildPlan, type PlaceName, type PlannedPlace, placeName } from './plan.ts';
import type { BuildRecord, PlaceStep, Stamped } from './record.ts';

/** How far a place has come, by the journal. */
export interface PlaceState {
  readonly planned: PlannedPlace;
  readonly name: PlaceName;
  readonly attempt: number;
  readonly base?: Extract<PlaceStep, { kind: 'base' }>;
  /** The token of a builder that was about to be started. */
  readonly token?: string;
  readonly instance?: string;
  /** When the builder was started, milliseconds since 1970. */
  readonly startedAt?: number;
  readonly configured?: boolean;
  readonly sealed?: boolean;
  readonly stopped?: boolean;
  /** What was about to be made. */
  readonly intended?: Extract<PlaceStep, { kind: 'image' }>;
  readonly image?: string;
  /** When the image was asked for, milliseconds since 1970. */
  readonly madeAt?: number;
  readonly available?: Extract<PlaceStep, { kind: 'available' }>;
  readonly signature?: string;
  readonly terminated?: boolean;
  readonly complete?: boolean;
  readonly failure?: Extract<PlaceStep, { kind: 'failed' }>;
  readonly stage: string;
  /** 0 to 100. */
  readonly percent: number;
  /** When `stage` was noted, milliseconds since 1970. */
  readonly stageAt: number;
}

export interface BuildState {
  readonly plan: BuildPlan;
  /** Milliseconds since 1970. */
  readonly begunAt: number;
  /** Of the last record. */
  readonly lastAt: number;
  readonly places: readonly PlaceState[];
  /** How many images the template's file holds. */
  readonly recorded: number;
  readonly swept: boolean;
  readonly abandoning: boolean;
  readonly abandoned: boolean;
  /** Snapshots of images that were about to be removed, by region. */
  readonly removing: readonly { readonly region: string; readonly snapshots: readonly string[] }[];
}

/** A compilation that has not begun. */
export function plannedState(plan: BuildPlan, at: number): BuildState {
  return {
    plan,
    begunAt: at,
    lastAt: at,
    places: plan.places.map((planned) => freshPlace(planned, 1, at)),
    recorded: 0,
    swept: false,
    abandoning: false,
    abandoned: false,
    removing: [],
  };
}

/** What a journal says; undefined where it does not begin with a plan. */
export function buildState(records: readonly Stamped<BuildRecord>[]): BuildState | undefined {
  const [first, ...rest] = records;
  if (first?.kind !== 'begin') return undefined;
  return rest.reduce(after, plannedState(first.plan, Date.parse(first.at)));
}

/** The state after one more record. */
export function after(state: BuildState, record: Stamped<BuildRecord>): BuildState {
  const at = Date.parse(record.at);
  const next = { ...state, lastAt: at };
  switch (record.kind) {
    case 'begin':
      return next;
    case 'recorded':
      return { ...next, recorded: record.images };
    case 'swept':
      return { ...next, swept: true };
    case 'abandon':
      return { ...next, abandoning: true };
    case 'removing':
      return { ...next, removing: [...state.removing, { region: record.region, snapshots: record.snapshots }] };
    case 'abandoned':
      return { ...next, abandoned: true };
    default:
      return {
        ...next,
        places: state.places.map((place) => (place.name === record.place ? afterStep(place, record, at) : place)),
      };
  }
}

function freshPlace(planned: PlannedPlace, attempt: number, at: number): PlaceState {
  return { planned, name: placeName(planned), attempt, stage: 'Waiting', percent: 0, stageAt: at };
}

function afterStep(place: PlaceState, record: PlaceStep, at: number): PlaceState {
  switch (record.kind) {
    case 'attempt':
      return freshPlace(place.planned, record.attempt, at);
    case 'base':
      return { ...place, base: record };
    case 'run':
      return { ...place, token: record.token };
    case 'started':
      return { ...place, instance: record.instance, startedAt: at };
    case 'stage':
      return { ...place, stage: record.stage, percent: record.percent, stageAt: at };
    case 'configured':
      return { ...place, configured: true };
    case 'sealed':
      return { ...place, sealed: true };
    case 'stopped':
      return { ...place, stopped: true };
    case 'image':
      return { ...place, intended: record };
    case 'made':
      return { ...place, image: record.image, madeAt: at };
    case 'available':
      return { ...place, available: record };
    case 'sign':
      return place;
    case 'signed':
      return { ...place, signature: record.signature };
    case 'terminated':
      return { ...place, terminated: true };
    case 'failed':
      return { ...place, failure: record };
    case 'complete':
      return { ...place, complete: true, stage: 'Complete', percent: 100, stageAt: at };
    default: {
      const unreachable: never = record;
      return unreachable;
    }
  }
}
