import { report } from '../../diagnostics/report.ts';
import type { Classification, MachineArchitecture } from '../../ir/obligation.ts';
import { enumeration, expectScalar, replaceWith, shorten, text } from '../../schema/scalars.ts';
import type { Description, Shape } from '../../schema/shape.ts';
import { baseImages, findBase, nearestBase } from '../../tables/base-images.ts';
import { dataRules, dataRule as findDataRule, nearestDataRule } from '../../tables/data-rules.ts';
import { instanceType as findType, instanceTypes, nearestInstanceType } from '../../tables/instance-types.ts';

/** What a template says as its base where `ami_config` names the images themselves. */
export const imagesAsBase = 'ami-based';

/** A base image by the name that the table has for it, or `ami-based`. */
export const baseName: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'a base image',
    values: () => [
      ...baseImages().map(({ name, user }) => ({ name, doc: `its user is \`${user}\`` })),
      { name: imagesAsBase, doc: 'the images of `ami_config.amis`' },
    ],
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a base image', context);
    if (scalar === undefined) return undefined;
    if (scalar.text === imagesAsBase) return imagesAsBase;
    const known = findBase(scalar.text);
    if (known !== undefined) return known.name;
    const names = [...baseImages().map(({ name }) => name), imagesAsBase].map((name) => `\`${name}\``);
    context.diagnostics.push(
      report(
        'POL3200',
        scalar.span,
        { name: shorten(scalar.text), known: names.join(', ') },
        replaceWith(scalar, nearestBase(scalar.text)),
      ),
    );
    return undefined;
  },
};

export const instanceType: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'an EC2 instance type',
    values: () =>
      [...instanceTypes()].map(({ name, cpus, memory, architecture, gpus }) => ({
        name,
        doc: [
          ...(cpus === undefined ? [] : [`${cpus} vCPU, ${memory} MiB`]),
          architecture,
          ...(gpus === 0 ? [] : [`${gpus} GPU`]),
        ].join(', '),
      })),
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'an instance type', context);
    if (scalar === undefined) return undefined;
    if (findType(scalar.text) !== undefined) return scalar.text;
    context.diagnostics.push(
      report(
        'POL3201',
        scalar.span,
        { name: shorten(scalar.text) },
        replaceWith(scalar, nearestInstanceType(scalar.text)),
      ),
    );
    return undefined;
  },
};

export const architecture: Shape<MachineArchitecture> = enumeration(
  'an architecture',
  { x86_64: 'Intel and AMD', arm64: 'Graviton' },
  { amd64: 'x86_64', x64: 'x86_64', 'x86-64': 'x86_64', intel: 'x86_64', aarch64: 'arm64', graviton: 'arm64' },
);

/** Of what a price is: an architecture, or one instance type. */
export const pricedThing: Shape<string> = {
  description: { kind: 'string', noun: 'an architecture or an instance type' },
  decode(node, context) {
    return node.kind === 'scalar' && !node.text.includes('.')
      ? architecture.decode(node, context)
      : instanceType.decode(node, context);
  },
};

export const imageId: Shape<string> = text('an image id', {
  source: 'ami-([0-9a-f]{8}|[0-9a-f]{17})',
  doc: '`ami-` and 8 or 17 hexadecimal digits',
});

export const dataRule: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'a rule of handling data',
    values: () => dataRules().map(({ name, doc }) => ({ name, doc })),
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a rule of handling data', context);
    if (scalar === undefined) return undefined;
    if (findDataRule(scalar.text) !== undefined) return scalar.text;
    const known = dataRules().map(({ name }) => `\`${name}\``);
    context.diagnostics.push(
      report(
        'POL3202',
        scalar.span,
        { name: shorten(scalar.text), known: known.join(', ') },
        replaceWith(scalar, nearestDataRule(scalar.text)),
      ),
    );
    return undefined;
  },
};

export const classification: Shape<Classification> = enumeration(
  'a classification',
  {
    public: 'anyone may see it',
    internal: 'members of the institution may',
    confidential: 'those may who need it for their work',
    restricted: 'few may, each by name',
  },
  { open: 'public', private: 'internal', sensitive: 'confidential', secret: 'restricted' },
);

/** A text that is written as it is: a description, a title. */
export function line(noun: string): Shape<string> {
  return text(noun, { source: '[^\\u0000-\\u001f]{1,500}', doc: 'one line of at most 500 characters' });
}

const scalars: Description = {
  kind: 'one-of',
  alternatives: [{ kind: 'string', noun: 'a text' }, { kind: 'number', integer: false }, { kind: 'boolean' }],
};

/** Any scalar, by its text: `42`, `true`, `Hello`. */
export const anyScalar: Shape<string> = {
  description: scalars,
  decode: (node, context) => expectScalar(node, 'a text, a number, `true` or `false`', context)?.text,
};
