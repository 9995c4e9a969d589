import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many templates there are that others inherit: those without parents, and those that inherit one of the row before. */
const rows = [20, 40, 40];

const system = ['git', 'htop', 'tmux', 'build-essential', 'cmake', 'curl', 'vim', 'rsync', 'nodejs', 'pandoc'];
const conda = ['numpy', 'pandas', 'scipy', 'scikit-learn', 'matplotlib', 'jupyterlab', 'xarray', 'dask', 'numba'];
const regions = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-2'];
const types = ['t3.large', 't4g.large', 'm5.large', 'm5.xlarge', 'm6g.large', 'm6g.xlarge', 'c5.large', 'c6g.large'];
const frameworks = ['HIPAA', 'FERPA', 'GDPR', 'PCI-DSS'];
/** By how many others stand above a template: what one says that it inherits from, it need not say again. */
const forbidden = ['ap-northeast-3', 'sa-east-1', 'ap-south-1', 'af-south-1'];
const tags = ['Project', 'Course', 'Term', 'Owner'];

/** What a template is to those that inherit it. */
interface Parent {
  readonly index: number;
  readonly depth: number;
  readonly allowed: readonly string[];
}

/**
 * Writes `count` templates into `folder`, no two alike and the same each time: 100 of them are inherited, by each other
 * and by the rest, in chains of one to three. Limits narrow, but for one template in fifty, which has a warning for it.
 * Every fourth has images built of it.
 */
export function writeTemplateFolder(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  const bits = generator();
  const written: Parent[] = [];
  const write = (parent: Parent | undefined) => {
    const index = written.length;
    const depth = parent === undefined ? 0 : parent.depth + 1;
    const allowed = (parent?.allowed ?? types).filter(() => bits() % 4 > 0);
    const template = { index, depth, allowed };
    writeFileSync(join(folder, `template-${index}.yaml`), templateText(template, parent, bits));
    written.push(template);
  };
  for (const [row, size] of rows.entries()) {
    const first = written.length - (rows[row - 1] ?? 0);
    const above = written.slice(first);
    for (let at = 0; at < size; at++) write(above[bits() % above.length]);
  }
  const parents = [...written];
  while (written.length < count) write(parents[bits() % parents.length]);
}

function generator(): () => number {
  let state = 20_261_123;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

function templateText({ index, depth, allowed }: Parent, parent: Parent | undefined, bits: () => number): string {
  const some = (all: readonly string[]) => {
    const mask = bits();
    return all.filter((_, at) => (mask >> at) & 1);
  };
  const list = (items: readonly string[]) => `[${items.map((item) => `"${item}"`).join(', ')}]`;
  const isWider = index % 50 === 49;
  const lines = [
    `name: "Workstation ${index}"`,
    `slug: workstation-${index}`,
    `description: "A machine of group ${bits() % 1000}"`,
    `version: "1.${bits() % 10}.${bits() % 10}"`,
    parent === undefined ? 'base: ubuntu-22.04' : `inherits: [${reference(parent, index)}]`,
    'packages:',
    `  system: ${list(['git', ...some(system.slice(1))])}`,
    `  conda: ${list(['numpy', ...some(conda.slice(1))])}`,
    'users:',
    `  - { name: researcher-${index}, groups: [sudo], shell: /bin/bash }`,
    'services:',
    `  - name: service-${index}`,
    `    port: ${9000 + (bits() % 900)}`,
    '    config:',
    `      - "root = /srv/${index}"`,
    '    enable: false',
    'parameters:',
    `  workers_${index}: { type: int, default: ${1 + (bits() % 16)} }`,
    'post_install: |',
    '  #!/bin/bash',
    `  mkdir -p /srv/${index}`,
    `  echo "workers={{.workers_${index}}}" > /srv/${index}/settings`,
    `  chown researcher-${index} /srv/${index}`,
    'policy_metadata:',
    '  data_classification: internal',
    `  compliance_frameworks: ${list(['NIST-800-171', ...some(frameworks)])}`,
    '  resource_limits:',
    `    max_instance_types: ${list(['t3.medium', 't4g.medium', ...allowed])}`,
    `    max_hourly_cost: ${(4 - depth + (bits() % 90) / 100 + (isWider ? 2 : 0)).toFixed(2)}`,
    `    forbidden_regions: [${forbidden[depth]}]`,
    `    required_tags: [${tags[depth]}]`,
    'instance_defaults:',
    '  type: t3.medium',
    `  ports: [22, ${8000 + (bits() % 900)}]`,
    '  estimated_cost_per_hour:',
    '    x86_64: 0.0464',
    '    arm64: 0.0371',
  ];
  if (index % 4 === 3) {
    lines.push(
      'compile_to_ami:',
      '  enabled: true',
      `  regions: ${list(['us-west-1', ...some(regions)])}`,
      '  architectures: [x86_64, arm64]',
      '  encrypted: true',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** By its slug, its name or its file. */
function reference({ index }: Parent, by: number): string {
  return [`workstation-${index}`, `Workstation ${index}`, `template-${index}.yaml`][by % 3]!;
}
