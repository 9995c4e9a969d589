import type { Json } from '../../../compiler/images/canonical-json.ts';
import { metadataText } from '../../../compiler/images/metadata-text.ts';
import type { Compilation } from './compilation.ts';
import { placeMetadata } from './image-step.ts';

/** What a compilation made, in the names and forms of the seed's `CompilationResult`, and which image is what. */
export interface CompilationResult {
  readonly source_template: string;
  readonly compilation_id: string;
  /** Region, then architecture, then the image's id. */
  readonly amis: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What all of the images carry; without any image null. */
  readonly policy_metadata: Json;
  /** RFC 3339: when the last image could be launched; null where one is missing. */
  readonly compiled_at: string | null;
  /** Nanoseconds, as Go writes durations. */
  readonly build_duration: number;
  readonly images: readonly ImageResult[];
}

export interface ImageResult {
  readonly region: string;
  readonly architecture: string;
  readonly image: string | null;
  readonly status: 'complete' | 'failed' | 'unfinished';
  readonly base_image: string | null;
  readonly copied_from: string | null;
  /** The value of the tag `polc:signature`. */
  readonly signature: string | null;
  readonly failure: {
    readonly stage: string;
    readonly reason: string;
    readonly command: string | null;
    readonly output: string | null;
  } | null;
}

/** Of a compilation as it stands; images that are not complete are under `images` only. */
export function compilationResult(run: Compilation): CompilationResult {
  const { plan, places, begunAt } = run.state;
  const endedAt = Math.max(...places.map(({ stageAt }) => stageAt));
  const amis: Record<string, Record<string, string>> = {};
  for (const { planned, image, complete } of places) {
    if (!complete || image === undefined) continue;
    amis[planned.region] = { ...amis[planned.region], [planned.architecture]: image };
  }
  const isWhole = places.every(({ complete }) => complete);
  return {
    source_template: plan.template,
    compilation_id: plan.id,
    amis,
    policy_metadata: policyMetadata(run),
    compiled_at: isWhole ? `${new Date(endedAt).toISOString().slice(0, 19)}Z` : null,
    // A clock may have jumped back.
    build_duration: Math.max(0, endedAt - begunAt) * 1_000_000,
    images: places.map(({ planned, image, complete, failure, base, intended, signature }) => ({
      region: planned.region,
      architecture: planned.architecture,
      image: image ?? null,
      status: complete ? 'complete' : failure === undefined ? 'unfinished' : 'failed',
      base_image: intended?.baseImage ?? base?.image ?? null,
      copied_from: planned.copyFrom ?? null,
      signature: signature ?? null,
      failure:
        failure === undefined
          ? null
          : {
              stage: failure.stage,
              reason: failure.reason,
              command: failure.command ?? null,
              output: failure.output ?? null,
            },
    })),
  };
}

/** What the seed's `PolicyMetadata` names, with the empty values that Go's have; `policy_signature` where there is one image. */
function policyMetadata(run: Compilation): Json {
  const { places } = run.state;
  const [first] = places.filter(({ complete }) => complete);
  const metadata = first === undefined ? undefined : placeMetadata(run, first.name);
  const text = metadata === undefined ? undefined : metadataText(metadata);
  if (first === undefined || text === undefined) return null;
  const { architecture: _, base_image: __, ...shared }: Record<string, Json> = JSON.parse(text);
  const signature = places.length === 1 ? first.signature : undefined;
  return { ...shared, ...(signature === undefined ? {} : { policy_signature: signature }) };
}
