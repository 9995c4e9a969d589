import { createHash } from 'node:crypto';
import type { MachineArchitecture } from '../../../compiler/ir/obligation.ts';
import type { BaseImage } from '../../../compiler/tables/base-images.ts';
import type { Tag } from '../cloud.ts';

/**
 * All that a compilation does, decided before it begins and kept in its journal: whoever resumes it does what was begun,
 * whatever the template says by then.
 */
export interface BuildPlan {
  /** Of the compilation: in the tag `polc:compilation` of everything that it makes. */
  readonly id: string;
  /** The template by the name that lists hold. */
  readonly template: string;
  /** Its file, absolute. */
  readonly file: string;
  /** Of what the file says beside its images and its signature: another one is another template. */
  readonly content: string;
  /** What the names of the images begin with. */
  readonly name: string;
  readonly description?: string;
  /** What the builders run: at most 16 KB. */
  readonly script: string;
  /** Of builders and images, beside those of the policy. */
  readonly tags: readonly Tag[];
  readonly places: readonly PlannedPlace[];
  /** The id of the key that signs the images. */
  readonly signWith?: string;
  readonly instanceProfile?: string;
  /** GiB, the least of the builders' root volumes. */
  readonly rootVolume?: number;
  /** Milliseconds that the script of a builder may take. */
  readonly scriptLimit: number;
}

export interface PlannedPlace {
  readonly region: string;
  readonly architecture: MachineArchitecture;
  readonly base: BaseImage;
  /** The instance type of the builder. */
  readonly builder: string;
  readonly encrypted: boolean;
  readonly key?: string;
  /** Where the builder runs; absent, the default one of the region. */
  readonly subnet?: string;
  readonly securityGroups?: readonly string[];
  /** Canonical JSON of what the image carries, without what only the build knows. */
  readonly metadata: string;
  /** The region whose image is copied; absent, it is built here. */
  readonly copyFrom?: string;
}

/** Everything that a compilation makes has this tag with its id. */
export const compilationTag = 'polc:compilation';
/** On builders: `ARCHITECTURE ATTEMPT`. */
export const builderTag = 'polc:builder';

export type PlaceName = `${string}/${MachineArchitecture}`;

export function placeName({ region, architecture }: Pick<PlannedPlace, 'region' | 'architecture'>): PlaceName {
  return `${region}/${architecture}`;
}

/**
 * The id of a new compilation: the template, the second, and what tells two of one second apart. Letters, digits and `-`,
 * at most 64.
 */
export function compilationId(template: string, now: number, random: Uint8Array): string {
  const slug =
    template
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 36) || 'template';
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+Z$/g, '');
  return `${slug}-${time.toLowerCase()}-${Buffer.from(random).toString('hex').slice(0, 8)}`;
}

export function isCompilationId(word: string): boolean {
  return /^[a-z0-9-]{1,36}-\d{8}t\d{6}-[0-9a-f]{8}$/.test(word);
}

/**
 * EC2 starts one instance, and makes one copy, for one token however often it is asked ("Ensuring idempotency", EC2 API
 * reference). An attempt that failed for good needs another.
 */
export function clientToken(id: string, place: PlaceName, attempt: number, call: 'run' | 'copy'): string {
  const digest = createHash('sha256')
    .update([id, place, String(attempt), call].join('\n'))
    .digest('hex');
  return `polc-${digest.slice(0, 48)}`;
}

/** An image's name, of which a region has one for each account: 3 to 128 of some characters (CreateImage, `Name`). */
export function imageName({ name, id }: BuildPlan, architecture: MachineArchitecture, attempt: number): string {
  const again = attempt === 1 ? '' : `-${attempt}`;
  const end = `-${architecture}-${id.slice(-24)}${again}`;
  return name.replace(/[^A-Za-z0-9()[\] ./'@_-]/g, '-').slice(0, 128 - end.length) + end;
}
