import type { StepOutcome } from '../../compiler/ir/launch.ts';
import type { AuditEntry, AuditRecord } from './record.ts';

/** The action of records that say how a launch was decided. */
export const launchAction = 'launch.decide';

/** A decision about a launch, as it is recorded before anything is done. */
export interface LaunchDecision {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: string;
  /** What the launch names: a template, or an image by its id. */
  readonly launched: string;
  /** What the instance is to be called. */
  readonly name: string;
  /** Every step of the evaluation, in its order. */
  readonly steps: readonly StepOutcome[];
  /** What refuses besides the rules, such as a call that failed. */
  readonly problems?: readonly string[];
  readonly policyHash: string;
  readonly dryRun: boolean;
  /** The id of the launch that is started now: the value of the tag `polc:launch`. */
  readonly launch?: string;
  /** As far as they are known. */
  readonly template?: string;
  readonly profile?: string;
  readonly image?: string;
  readonly region?: string;
  readonly instanceType?: string;
  /** US dollars. */
  readonly hourlyCost?: number;
}

/** The record of a launch: allowed only where every rule lets it pass and nothing else stands in the way. */
export function launchEntry(decision: LaunchDecision): AuditEntry {
  const { at, steps, problems = [], template, profile, image, region, instanceType, hourlyCost } = decision;
  const violated = steps.filter(({ outcome }) => outcome !== 'holds');
  const allowed = violated.length === 0 && problems.length === 0;
  return {
    time: new Date(at).toISOString(),
    actor: decision.actor,
    action: launchAction,
    subject: `${decision.launched} as ${decision.name}`,
    decision: allowed ? 'allowed' : 'refused',
    reasons: [
      ...steps.map(({ step, rule, outcome }) => ({
        text: `${step}: ${rule.id} ${outcome} (${rule.topic})`,
        span: rule.origin.span,
      })),
      ...problems.map((text) => ({ text })),
    ],
    policy_hash: decision.policyHash,
    facts: {
      launched: decision.launched,
      dry_run: String(decision.dryRun),
      ...(decision.launch === undefined ? {} : { launch: decision.launch }),
      ...(template === undefined ? {} : { template }),
      ...(profile === undefined ? {} : { profile }),
      ...(image === undefined ? {} : { image }),
      ...(region === undefined ? {} : { region }),
      ...(instanceType === undefined ? {} : { instance_type: instanceType }),
      ...(hourlyCost === undefined ? {} : { hourly_cost: String(hourlyCost) }),
      ...(violated.length === 0 ? {} : { violated: violated.map(({ rule }) => rule.id).join('\n') }),
    },
  };
}

/** The ids of the rules that refused a launch; empty where none did. */
export function violatedRules({ facts }: AuditRecord): readonly string[] {
  return facts?.violated === undefined || facts.violated === '' ? [] : facts.violated.split('\n');
}
