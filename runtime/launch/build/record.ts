import { isObject } from '../../json.ts';
import type { BuildPlan, PlaceName } from './plan.ts';

/**
 * A line of the journal. Before every call that makes something stands what is about to be made, and after it what was:
 * of a process that is gone in between, the next one looks for it by its tags, its name or its token.
 */
export type BuildRecord =
  | { readonly kind: 'begin'; readonly plan: BuildPlan }
  | PlaceRecord
  /** The images were written into the template's file. */
  | { readonly kind: 'recorded'; readonly images: number }
  /** Volumes that builders left are deleted. */
  | { readonly kind: 'swept' }
  | { readonly kind: 'abandon' }
  /** What is about to be removed: an image that is gone does not say any more which snapshots it had. */
  | {
      readonly kind: 'removing';
      readonly region: string;
      readonly image: string;
      readonly snapshots: readonly string[];
    }
  | { readonly kind: 'abandoned' };

export type PlaceRecord = { readonly place: PlaceName } & PlaceStep;

export type PlaceStep =
  /** Another builder, since the last one failed. */
  | { readonly kind: 'attempt'; readonly attempt: number }
  | {
      readonly kind: 'base';
      readonly image: string;
      readonly rootDevice?: string;
      readonly rootSize?: number;
      readonly furtherDevices?: readonly string[];
    }
  /** About to start a builder. */
  | { readonly kind: 'run'; readonly token: string }
  | { readonly kind: 'started'; readonly instance: string }
  | { readonly kind: 'stage'; readonly stage: string; readonly percent: number }
  /** The script of the template has ended well. */
  | { readonly kind: 'configured' }
  /** What only the builder knew is removed from it. */
  | { readonly kind: 'sealed' }
  | { readonly kind: 'stopped' }
  /** About to make the image, of the builder or of the image of another region. */
  | { readonly kind: 'image'; readonly name: string; readonly compiledAt: string; readonly baseImage: string }
  | { readonly kind: 'made'; readonly image: string }
  /** The image can be launched. `digest` stands for what its tags say. */
  | { readonly kind: 'available'; readonly owner: string; readonly digest: string }
  /** About to sign. */
  | { readonly kind: 'sign'; readonly signature: string }
  | { readonly kind: 'signed'; readonly signature: string }
  | { readonly kind: 'terminated' }
  | {
      readonly kind: 'failed';
      readonly stage: string;
      readonly reason: string;
      readonly command?: string;
      /** The last lines. */
      readonly output?: string;
    }
  | { readonly kind: 'complete' };

export type Stamped<R> = R & {
  /** RFC 3339, in UTC. */
  readonly at: string;
};

type FieldType = 'string' | 'number' | 'object' | 'list';

/** The fields of each kind; those with `?` may be absent. */
const fields: Readonly<Record<BuildRecord['kind'], Readonly<Record<string, FieldType | `${FieldType}?`>>>> = {
  begin: { plan: 'object' },
  recorded: { images: 'number' },
  swept: {},
  abandon: {},
  removing: { region: 'string', image: 'string', snapshots: 'list' },
  abandoned: {},
  attempt: { place: 'string', attempt: 'number' },
  base: { place: 'string', image: 'string', rootDevice: 'string?', rootSize: 'number?', furtherDevices: 'list?' },
  run: { place: 'string', token: 'string' },
  started: { place: 'string', instance: 'string' },
  stage: { place: 'string', stage: 'string', percent: 'number' },
  configured: { place: 'string' },
  sealed: { place: 'string' },
  stopped: { place: 'string' },
  image: { place: 'string', name: 'string', compiledAt: 'string', baseImage: 'string' },
  made: { place: 'string', image: 'string' },
  available: { place: 'string', owner: 'string', digest: 'string' },
  sign: { place: 'string', signature: 'string' },
  signed: { place: 'string', signature: 'string' },
  terminated: { place: 'string' },
  failed: { place: 'string', stage: 'string', reason: 'string', command: 'string?', output: 'string?' },
  complete: { place: 'string' },
};

const planFields: Readonly<Record<keyof BuildPlan, FieldType | `${FieldType}?`>> = {
  id: 'string',
  template: 'string',
  file: 'string',
  content: 'string',
  name: 'string',
  description: 'string?',
  script: 'string',
  tags: 'list',
  places: 'list',
  signWith: 'string?',
  instanceProfile: 'string?',
  rootVolume: 'number?',
  scriptLimit: 'number',
};

/** Whether a line of the journal is a record of this version of polc. */
export function isRecord(value: unknown): value is Stamped<BuildRecord> {
  if (!isObject(value) || typeof value.kind !== 'string' || typeof value.at !== 'string') return false;
  const known = Object.entries(fields).find(([kind]) => kind === value.kind)?.[1];
  if (known === undefined || !hasFields(value, known)) return false;
  return value.kind !== 'begin' || (isObject(value.plan) && hasFields(value.plan, planFields));
}

function hasFields(
  value: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, FieldType | `${FieldType}?`>>,
): boolean {
  return Object.entries(known).every(([name, type]) => {
    const field = value[name];
    if (field === undefined) return type.endsWith('?');
    const actual = Array.isArray(field) ? 'list' : typeof field;
    return field !== null && actual === type.replace('?', '');
  });
}
