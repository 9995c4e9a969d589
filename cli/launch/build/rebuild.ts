import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { imageMetadata } from '../../../compiler/images/image-metadata.ts';
import { effectiveLimits } from '../../../compiler/ir/launch-limits.ts';
import type { BuiltImage } from '../../../compiler/ir/obligation.ts';
import type { Policy } from '../../../compiler/ir/policy.ts';
import { AwsFailure } from '../../../runtime/aws/failure.ts';
import { type RebuildQuestion, reasonsToRebuild } from '../../../runtime/launch/build/rebuild.ts';
import type { Cloud } from '../../../runtime/launch/cloud.ts';
import { failedCall } from '../../../runtime/launch/failed-call.ts';
import type { TrustStore } from '../../../runtime/signing/trust-store.ts';
import { nodeHost } from '../../host.ts';
import { report } from '../../report.ts';

/** An image that is to be built again, and why. */
export interface DueImage extends BuiltImage {
  readonly reasons: readonly string[];
}

export interface Ageing {
  readonly due: readonly DueImage[];
  readonly diagnostics: readonly Diagnostic[];
  /** False where AWS did not answer for one: then nobody knows. */
  readonly known: boolean;
}

/** Looks at the images of a template, as `status` says them. */
export async function ageingOf(
  template: { readonly name: string; readonly path: string; readonly policy: Policy | undefined },
  images: readonly BuiltImage[],
  world: { readonly cloud: Cloud; readonly trust: TrustStore; readonly limits: RebuildQuestion['limits'] },
): Promise<Ageing> {
  const span = { file: template.path, start: 0, end: 0 };
  const due: DueImage[] = [];
  const diagnostics: Diagnostic[] = [];
  let known = true;
  const { sha256 } = nodeHost;
  for (const image of images) {
    const version =
      template.policy === undefined ? undefined : imageMetadata(template.policy, image, sha256)?.template_version;
    try {
      const reasons = await reasonsToRebuild(image, {
        cloud: world.cloud,
        trust: world.trust,
        sha256,
        now: Date.now(),
        limits: world.limits,
        ...(version === undefined ? {} : { version }),
      });
      if (reasons.length === 0) continue;
      due.push({ ...image, reasons });
      const reason = reasons.join('; ');
      const values = { image: image.image, region: image.region, reason, template: template.name };
      diagnostics.push(report('POL8338', span, values));
    } catch (error) {
      if (!(error instanceof AwsFailure)) throw error;
      diagnostics.push(failedCall(error, span));
      known = false;
    }
  }
  return { due, diagnostics, known };
}

/** What the policies say of the age and the scan of images. */
export function imageLimitsOf(policy: Policy): RebuildQuestion['limits'] {
  const limits = effectiveLimits(policy);
  const bounds = limits.flatMap((limit) =>
    limit.kind === 'at-most' && limit.attribute === 'image_age' ? [Number(limit.bound)] : [],
  );
  const passedScan = limits.some((limit) => limit.kind === 'is' && limit.attribute === 'scan');
  return { ...(bounds.length === 0 ? {} : { maxAgeDays: Math.min(...bounds) }), passedScan };
}
