import { not, type Predicate } from '../expressions/predicate.ts';
import { type LaunchStep, launchSteps } from '../ir/launch.ts';
import { unlessAmong, unlessTagged, whereAmong, whereOver } from '../ir/launch-rules.ts';
import type { Obligation, Policy, Rule } from '../ir/policy.ts';
import { approved, cleared, encrypted } from './image-metadata.ts';
import type { ImageMetadata } from './metadata.ts';

/**
 * What an image lets be launched, as the part `image` of a launch's policies: the decision that the template's policy had
 * when the image was built, what describes the template, and what its instances start with.
 *
 * @param name what findings and the audit log call the image: its id
 */
export function imagePolicy(metadata: ImageMetadata, name: string): Policy {
  const origin = { span: { file: name, start: 0, end: 0 } };
  const found = denials(metadata);
  const rules = launchSteps.flatMap((step) =>
    found
      .filter((each) => each.step === step)
      .map(({ topic, denied }, index): Rule => {
        return { id: `${step}/${index}`, topic, origin, when: denied, effect: { kind: 'deny' } };
      }),
  );
  return {
    name,
    decisions: [
      {
        point: 'launch',
        combine: 'deny-overrides',
        rules,
        otherwise: { id: 'launch/otherwise', topic: 'image', origin, effect: { kind: 'allow' } },
      },
    ],
    limits: [],
    obligations: obligationsOf(metadata).map((each) => ({ ...each, origin })),
  };
}

interface Denial {
  readonly step: LaunchStep;
  /** The field of the metadata. */
  readonly topic: string;
  readonly denied: Predicate;
}

function denials(metadata: ImageMetadata): readonly Denial[] {
  const found: Denial[] = [];
  const deny = (step: LaunchStep, topic: string, denied: Predicate) => found.push({ step, topic, denied });
  const { allowed_profiles: profiles, resource_limits: limits, data_classification: classification } = metadata;
  if (profiles !== undefined) deny('source', 'allowed_profiles', unlessAmong(['profile'], profiles));
  if (metadata.approval_required) deny('signature', 'approval_required', not(approved));
  const at = (key: keyof NonNullable<typeof limits>) => `resource_limits.${key}`;
  if (limits?.max_instance_types !== undefined) {
    deny('resources', at('max_instance_types'), unlessAmong(['instance_type'], limits.max_instance_types));
  }
  if (limits?.forbidden_regions !== undefined) {
    deny('resources', at('forbidden_regions'), whereAmong(['region'], limits.forbidden_regions));
  }
  if (limits?.max_hourly_cost !== undefined) {
    deny('resources', at('max_hourly_cost'), whereOver('hourly_cost', limits.max_hourly_cost));
  }
  for (const tag of limits?.required_tags ?? []) deny('resources', at('required_tags'), unlessTagged(tag));
  if (classification !== undefined && classification !== 'public') {
    deny('classification', 'data_classification', not(cleared));
  }
  if (metadata.encrypted_storage) deny('compliance', 'encrypted_storage', not(encrypted));
  (metadata.rules ?? []).forEach(({ step, denied }, index) => {
    deny(step, `rules[${index}]`, denied);
  });
  return found;
}

type Placeless = Obligation extends infer O ? (O extends unknown ? Omit<O, 'origin'> : never) : never;

function obligationsOf(metadata: ImageMetadata): readonly Placeless[] {
  const { allowed_profiles: profiles, data_classification: classification, instance_defaults: defaults } = metadata;
  return [
    {
      id: 'template',
      topic: 'source_template',
      kind: 'describe-template',
      template: metadata.source_template,
      version: metadata.template_version,
      ...(classification === undefined ? {} : { classification }),
      frameworks: metadata.compliance_frameworks ?? [],
      dataRules: metadata.data_handling ?? [],
      ...(profiles === undefined ? {} : { profiles }),
      approvalRequired: metadata.approval_required === true,
      costs: Object.entries(metadata.cost_estimates).sort(([left], [right]) => (left < right ? -1 : 1)),
    },
    {
      id: 'start',
      topic: 'instance_defaults',
      kind: 'start-instance',
      ...(defaults?.type === undefined ? {} : { instanceType: defaults.type }),
      ...(defaults?.root_volume_gb === undefined ? {} : { rootVolume: defaults.root_volume_gb }),
      ports: defaults?.ports ?? [],
      // What the script of a template makes of an instance, the image is.
      script: '',
    },
  ];
}
