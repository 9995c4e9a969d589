import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { instanceTypes } from '../../compiler/tables/instance-types.ts';

/** What a file means, as the dialects lower it. */
export function lowered(path: string, text: string | Uint8Array): Policy {
  const { policy, diagnostics } = compile(path, text, nodeHost, { maximumMilliseconds: 0, emit: ['launch-iam'] });
  if (policy === undefined) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return policy;
}

const setup = 'packages: { system: [git] }\ninstance_defaults: { type: t3.medium, ports: [22] }\n';
const built = 'compile_to_ami: { enabled: true, regions: [us-west-2], architectures: [x86_64] }\n';

const template = (name: string, metadata: string, more = built) =>
  lowered(`${name}.yaml`, `name: ${name}\nbase: ubuntu-22.04\n${setup}policy_metadata:\n  ${metadata}\n${more}`);

const example = (name: string) => {
  const path = join(process.env.POLC_ROOT ?? '.', 'examples', `${name}.yaml`);
  return lowered(`${name}.yaml`, readFileSync(path));
};

/** The types whose names begin so. */
export function typesOf(start: string): readonly string[] {
  return [...instanceTypes()].map(({ name }) => name).filter((name) => name.startsWith(start));
}

/** Policies about launches, each with other limits. */
export const launchRolePolicies: Readonly<Record<string, Policy>> = {
  example: example('python-ml-compiled'),
  class: example('cs101-class'),
  encrypted: template(
    'phi',
    'data_handling: [encrypted_storage_required]\n  resource_limits: { max_instance_types: [t3.medium, m5.large], required_tags: [Project, Cost Center] }',
  ),
  unbuilt: template(
    'plain',
    'resource_limits: { max_instance_types: [t3.medium], forbidden_regions: [eu-west-1] }',
    '',
  ),
  own: lowered(
    'own.yaml',
    `name: own\nbase: ami-based\n${setup}ami_config: { amis: { us-west-2: { x86_64: ami-0abc123def456789a } } }\npolicy_metadata:\n  resource_limits: { max_instance_types: [t3.medium] }\n`,
  ),
  institution: lowered(
    'institution.yaml',
    `institution:
  name: Institute
  allowed_templates: [python-ml, "r-*"]
  allowed_images: [ami-0abc123def456789a]
  denied_templates: [r-old, ami-0def456abc789012b]
  max_instance_types: ["t3.*", "m5.*"]
  denied_instance_types: [t3.nano]
  allowed_regions: [us-west-2, eu-west-1]
  security_classification: internal
  images: { owners: ["123456789012", "210987654321"], max_age_days: 90 }
  required_tags: [Course]
`,
  ),
};
