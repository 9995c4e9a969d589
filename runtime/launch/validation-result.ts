import { printPredicate } from '../../compiler/expressions/print.ts';
import type { ImageMetadata } from '../../compiler/images/metadata.ts';
import { partOf } from '../../compiler/ir/launch.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import type { Rule } from '../../compiler/ir/policy.ts';
import type { Alternative } from './alternatives.ts';
import { factOf, type LaunchFacts } from './facts.ts';
import type { DecidedLaunch, LaunchReport } from './wording.ts';

/**
 * A decision as JSON. `allowed`, `violations`, `ami_metadata` and `estimated_cost` are a ValidationResult as other programs of
 * the kind have it; what is not known is null.
 */
export interface ValidationResult {
  readonly allowed: boolean;
  /** A sentence for each that refuses: problems first, then rules in the order of the steps. */
  readonly violations: readonly string[];
  readonly ami_metadata: AmiMetadata | null;
  /** US dollars an hour. */
  readonly estimated_cost: number | null;
  readonly template: string | null;
  readonly profile: string | null;
  readonly ami: string | null;
  /** What the launch says, by the names that rules have for it; tags as `tag:KEY`. What is not there is not known. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly checks: readonly ResultCheck[];
  /** Every rule, also after the first that refuses. */
  readonly steps: readonly ResultStep[];
  /** What refuses besides the rules. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly alternatives: {
    readonly instance_types: readonly ResultAlternative[];
    readonly regions: readonly ResultAlternative[];
    readonly templates: readonly string[];
  } | null;
  readonly policy_hash: string;
}

/** The metadata of an image, with its signature. */
export type AmiMetadata = Omit<ImageMetadata, 'compilation_id' | 'compiled_at' | 'rules'> & {
  readonly compilation_id: string | null;
  readonly compiled_at: string | null;
  readonly policy_signature?: string;
  /** What further rules deny. */
  readonly rules?: readonly { readonly step: string; readonly denied: string }[];
};

interface ResultCheck {
  readonly step: string;
  readonly passed: boolean;
  readonly text: string;
  readonly notes: readonly string[];
  readonly rules: readonly string[];
}

interface ResultStep {
  readonly step: string;
  readonly rule: string;
  /** The field of the policy that says it. */
  readonly topic: string;
  /** institution, profile, invitation, template or image. */
  readonly role: string | null;
  readonly part: string | null;
  /** `FILE:LINE`. */
  readonly at: string;
  readonly outcome: 'holds' | 'denied' | 'unknown';
  readonly violation?: string;
}

interface ResultAlternative {
  readonly name: string;
  readonly hourly_cost: number | null;
}

export interface ImageOfLaunch {
  readonly metadata: ImageMetadata;
  /** Of the image, as its tag has it. */
  readonly signature?: string;
}

export function validationResult(
  decided: DecidedLaunch,
  report: LaunchReport,
  policyHash: string,
  image?: ImageOfLaunch,
): ValidationResult {
  const { policy, facts, verdict, alternatives } = decided;
  const own = launchFacts(policy);
  const text = (name: string) => {
    const value = own(name);
    return typeof value === 'string' ? value : null;
  };
  const violated = new Map<Rule, string>(report.violations.map((violation) => [violation.rule, violation.text]));
  return {
    allowed: verdict.allowed,
    violations: [...new Set([...verdict.problems, ...report.violations.map((violation) => violation.text)])],
    ami_metadata: image === undefined ? null : amiMetadata(image),
    estimated_cost: known(facts.hourlyCost),
    template: text('template'),
    profile: text('profile'),
    ami: decided.image ?? null,
    facts: factsOf(facts),
    checks: report.checks.map(({ rules, ...check }) => ({ ...check, rules: rules.map(({ id }) => id) })),
    steps: verdict.steps.map(({ step, rule, outcome }): ResultStep => {
      const part = partOf(rule.id);
      const violation = violated.get(rule);
      return {
        step,
        rule: rule.id,
        topic: rule.topic,
        role: part?.role ?? null,
        part: part?.name ?? null,
        at: decided.place(rule.origin.span),
        outcome,
        ...(violation === undefined ? {} : { violation }),
      };
    }),
    problems: verdict.problems,
    warnings: report.warnings,
    alternatives:
      alternatives === undefined
        ? null
        : {
            instance_types: alternatives.instanceTypes.map(alternative),
            regions: alternatives.regions.map(alternative),
            templates: alternatives.templates,
          },
    policy_hash: policyHash,
  };
}

function amiMetadata({ metadata, signature }: ImageOfLaunch): AmiMetadata {
  const { rules, compilation_id: id = null, compiled_at: at = null, ...others } = metadata;
  return {
    ...others,
    compilation_id: id,
    compiled_at: at,
    ...(signature === undefined ? {} : { policy_signature: signature }),
    ...(rules === undefined
      ? {}
      : { rules: rules.map(({ step, denied }) => ({ step, denied: printPredicate(denied) })) }),
  };
}

function factsOf(facts: LaunchFacts): Readonly<Record<string, string | number | boolean>> {
  const said = [...factOf].flatMap(([name, fact]) => {
    const value = facts[fact];
    return value === undefined || (typeof value === 'number' && !Number.isFinite(value))
      ? []
      : [[name, value] as const];
  });
  return Object.fromEntries([...said, ...[...facts.tags].map(([key, value]) => [`tag:${key}`, value] as const)]);
}

function alternative({ name, hourlyCost }: Alternative): ResultAlternative {
  return { name, hourly_cost: known(hourlyCost) };
}

/** JSON has no NaN. */
function known(amount: number | undefined): number | null {
  return amount !== undefined && Number.isFinite(amount) ? amount : null;
}
