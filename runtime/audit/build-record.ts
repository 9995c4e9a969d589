import type { BuildState } from '../launch/build/state.ts';
import type { AuditEntry, AuditSpan } from './record.ts';

/** What is recorded of a compilation: that it begins, what it came to in one process, that it was taken back. */
export type BuildEvent = 'begun' | 'complete' | 'failed' | 'unfinished' | 'abandoned';

/**
 * The record of a compilation. Its policy's hash is that of what the template says beside its images.
 *
 * @param at milliseconds since 1970
 */
export function buildEntry(
  event: BuildEvent,
  { plan, places }: Pick<BuildState, 'plan' | 'places'>,
  actor: string,
  at: number,
): AuditEntry {
  const images = places.flatMap(({ name, image, complete }) =>
    complete && image !== undefined ? [`${name}: ${image}`] : [],
  );
  return {
    time: new Date(at).toISOString(),
    actor,
    action: event === 'abandoned' ? 'template.abandon' : 'template.build',
    subject: `${plan.template} as ${plan.id}`,
    decision: event,
    reasons: places.map(({ name, image, complete, failure }) => ({
      text: complete
        ? `${name}: ${image} is built`
        : failure === undefined
          ? `${name}: wanted`
          : `${name}: ${failure.stage} failed: ${failure.reason}`,
    })),
    policy_hash: plan.content,
    facts: {
      template: plan.template,
      compilation: plan.id,
      ...(images.length === 0 ? {} : { images: images.join('\n') }),
      ...(plan.signWith === undefined ? {} : { key: plan.signWith }),
    },
  };
}

/** A build that a profile may not begin, since it may not use the template or one that it builds on. */
export interface RefusedBuild {
  readonly template: string;
  readonly profile: string;
  readonly refused: readonly { readonly message: string; readonly span: AuditSpan }[];
}

/** @param at milliseconds since 1970 */
export function refusedBuildEntry(
  { template, profile, refused }: RefusedBuild,
  policyHash: string,
  actor: string,
  at: number,
): AuditEntry {
  return {
    time: new Date(at).toISOString(),
    actor,
    action: 'template.build',
    subject: template,
    decision: 'refused',
    reasons: refused.map(({ message, span }) => ({ text: message, span })),
    policy_hash: policyHash,
    facts: { template, profile },
  };
}
