import { report } from '../../../diagnostics/report.ts';
import { attribute, compare, inSet, literal, not, type Predicate } from '../../../expressions/predicate.ts';
import { type LaunchStep, launchSteps } from '../../../ir/launch.ts';
import type { Decision, Rule } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import { dataRule } from '../../../tables/data-rules.ts';
import type { MetadataDocument } from '../policy-fields.ts';
import { classificationOf } from './classification.ts';
import { checkList, type Lowering, originOf } from './lowering.ts';
import { checkNarrowing } from './narrowing.ts';
import { checkForbidden } from './regions.ts';
import { typeLists, typesWithGpu } from './types.ts';

/**
 * What the template lets pass: each limit of each layer is a rule that denies where it is not kept. What a limit asks of is
 * unknown where a launch does not say it, and who decides refuses then: a tag that is not there, a price that nobody knows.
 */
export function lowerLaunch(lowering: Lowering): Decision {
  const found: { step: LaunchStep; rule: Omit<Rule, 'id'> }[] = [];
  const deny = (step: LaunchStep, topic: string, span: Span, when: Predicate) => {
    found.push({ step, rule: { topic, origin: originOf(span, lowering), when, effect: { kind: 'deny' } } });
  };
  for (const { document } of lowering.layers) {
    const metadata = document.policy_metadata?.value;
    if (metadata !== undefined) lowerMetadata(metadata, deny);
  }
  const classified = classificationOf(lowering);
  if (classified !== undefined && classified.value !== 'public') {
    const when = compare(attribute('clearance'), '<', attribute('classification'));
    deny('classification', `policy_metadata.${classified.key}`, classified.span, when);
  }
  checkOwn(lowering);
  checkNarrowing(lowering);
  const { own } = lowering;
  const metadata = own.document.policy_metadata;
  const whole = metadata?.key ??
    metadata?.span ??
    own.document.name?.span ?? { file: own.source.path, start: 0, end: 0 };
  return {
    point: 'launch',
    combine: 'deny-overrides',
    rules: launchSteps.flatMap((step) =>
      found.filter((each) => each.step === step).map(({ rule }, index) => ({ id: `${step}/${index}`, ...rule })),
    ),
    otherwise: {
      id: 'launch/otherwise',
      topic: 'policy_metadata',
      origin: { span: whole },
      effect: { kind: 'allow' },
    },
  };
}

function lowerMetadata(
  metadata: MetadataDocument,
  deny: (step: LaunchStep, topic: string, span: Span, when: Predicate) => void,
): void {
  const { allowed_profiles: profiles, approval_required: approval, requires_gpu: gpu, data_handling: rules } = metadata;
  if (profiles !== undefined) {
    deny('source', 'policy_metadata.allowed_profiles', profiles.span, noneOf('profile', profiles.value));
  }
  if (approval?.value === true) {
    const approved = compare(attribute('approved'), '==', literal(true));
    deny('signature', 'policy_metadata.approval_required', approval.span, not(approved));
  }
  const limits = metadata.resource_limits?.value;
  const at = 'policy_metadata.resource_limits';
  for (const key of typeLists) {
    const list = limits?.[key];
    if (list !== undefined) deny('resources', `${at}.${key}`, list.span, noneOf('instance_type', list.value));
  }
  if (gpu?.value === true) {
    const types = inSet(attribute('instance_type'), typesWithGpu());
    deny('resources', 'policy_metadata.requires_gpu', gpu.span, not(types));
  }
  const regions = limits?.forbidden_regions;
  if (regions !== undefined && regions.value.length > 0) {
    const forbidden = inSet(attribute('region'), valuesOf(regions.value));
    deny('resources', `${at}.forbidden_regions`, regions.span, forbidden);
  }
  const most = limits?.max_hourly_cost;
  if (most !== undefined) {
    deny('resources', `${at}.max_hourly_cost`, most.span, compare(attribute('hourly_cost'), '>', literal(most.value)));
  }
  for (const [index, { value, span }] of (limits?.required_tags?.value ?? []).entries()) {
    const empty = compare(attribute(`tag:${value}`), '==', literal(''));
    deny('resources', `${at}.required_tags[${index}]`, span, empty);
  }
  for (const [index, { value, span }] of (rules?.value ?? []).entries()) {
    if (dataRule(value)?.requires !== 'encrypted-storage') continue;
    const encrypted = compare(attribute('encrypted'), '==', literal(true));
    deny('compliance', `policy_metadata.data_handling[${index}]`, span, not(encrypted));
  }
}

function noneOf(name: string, list: readonly Located<string>[]): Predicate {
  return not(inSet(attribute(name), valuesOf(list)));
}

function valuesOf(list: readonly Located<string>[]): readonly string[] {
  return list.map(({ value }) => value);
}

/** What the template's own lists and amounts cannot mean. */
function checkOwn(lowering: Lowering): void {
  const metadata = lowering.own.document.policy_metadata?.value;
  const limits = metadata?.resource_limits?.value;
  for (const key of typeLists) checkList(limits?.[key], key, lowering);
  checkList(metadata?.allowed_profiles, 'allowed_profiles', lowering);
  const most = limits?.max_hourly_cost;
  if (most?.value === 0) lowering.diagnostics.push(report('POL5301', most.span, {}));
  checkForbidden(limits?.forbidden_regions, lowering);
}
