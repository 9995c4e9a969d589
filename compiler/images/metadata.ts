import type { Predicate } from '../expressions/predicate.ts';
import type { LaunchStep } from '../ir/launch.ts';
import type { Classification, MachineArchitecture } from '../ir/obligation.ts';

/**
 * What an image carries of the policy that it was built for, in JSON's names: whoever launches the image by its id knows
 * of its template no more than this. Lists are sorted and without duplicates; what is absent does not limit.
 */
export interface ImageMetadata {
  /** The template by the name that lists of templates hold. */
  readonly source_template: string;
  /** What the template says of its version, or else `sha256:` and the start of the digest of what it means. */
  readonly template_version: string;
  readonly architecture: MachineArchitecture;
  /** The name of the base image; absent where the template names images by their ids. */
  readonly base?: string;
  /** The id of the image that the builder started from. Known once it has; and where the template names it. */
  readonly base_image?: string;
  /** Known once the image is built. */
  readonly compilation_id?: string;
  /** An instant in UTC (RFC 3339): `2026-11-23T07:45:00Z`. Known once the image is built. */
  readonly compiled_at?: string;
  readonly allowed_profiles?: readonly string[];
  /** US dollars an hour by architecture or instance type. */
  readonly cost_estimates: Readonly<Record<string, number>>;
  readonly resource_limits?: ImageLimits;
  /** Beyond `public`, the person's clearance must reach it. */
  readonly data_classification?: Classification;
  readonly compliance_frameworks?: readonly string[];
  readonly data_handling?: readonly string[];
  /** The image launches only where its approval is signed and has not expired. */
  readonly approval_required?: true;
  /** Every volume must be encrypted. */
  readonly encrypted_storage?: true;
  readonly instance_defaults?: InstanceDefaults;
  /** What the fields above have no name for. */
  readonly rules?: readonly ImageRule[];
}

export interface ImageLimits {
  /**
   * Instance types, in which `*` and `?` are wildcards. The text of a long list has them by families, as
   * `{"c5": ["large", "xlarge"]}`, which takes half the room.
   */
  readonly max_instance_types?: readonly string[];
  readonly forbidden_regions?: readonly string[];
  /** US dollars. */
  readonly max_hourly_cost?: number;
  readonly required_tags?: readonly string[];
}

export interface InstanceDefaults {
  readonly type?: string;
  /** TCP ports, sorted. */
  readonly ports?: readonly number[];
  /** GiB. */
  readonly root_volume_gb?: number;
}

/** The launch is refused where `denied` holds, or is unknown. */
export interface ImageRule {
  readonly step: LaunchStep;
  readonly denied: Predicate;
}
