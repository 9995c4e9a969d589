import { report } from '../../diagnostics/report.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { expectScalar, replaceWith, shorten } from '../../schema/scalars.ts';
import type { DecodeContext, EnumerationValue, Meaning, Shape } from '../../schema/shape.ts';
import type { ScalarNode } from '../../source/tree.ts';
import { capabilityDoc, capabilityNames } from '../../tables/capabilities.ts';
import { fileSystemRights } from '../../tables/landlock.ts';
import { hookAlias, hookNames, hookReturnsVerdict } from '../../tables/lsm-hooks.ts';
import { rlimitNames } from '../../tables/rlimits.ts';
import { syscallDoc } from '../../tables/syscall-docs.ts';
import { groupDoc, groupMembers, groupNames } from '../../tables/syscall-groups.ts';
import { isSyscall, syscallNames } from '../../tables/syscalls.ts';

/** The group that no table holds, since it depends on the target. */
export const basicStartDoc = 'what programs need to start, to write and to end';

/** A syscall by the kernel's name, or a `@group` of them. */
export const syscallOrGroup: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'a syscall or a @group',
    means: 'syscall',
    values: (): readonly EnumerationValue[] => [
      { name: '@basic-start', doc: basicStartDoc },
      ...groupNames().map((name) => ({ name, doc: groupDoc(name) ?? '' })),
      ...syscallNames().map((name) => ({ name, doc: syscallDoc(name) ?? '' })),
    ],
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a syscall or a @group', context);
    if (scalar === undefined) return undefined;
    const name = scalar.text;
    if (name.startsWith('@')) {
      if (groupMembers(name) !== undefined || name === '@basic-start') return name;
      const known = [...groupNames(), '@basic-start'];
      context.diagnostics.push(
        report('POL3003', scalar.span, { name: shorten(name) }, replaceWith(scalar, quoted(nearest(name, known)))),
      );
      return undefined;
    }
    return knownSyscall(name, scalar, context);
  },
};

/** One system call by the kernel's name. */
export const syscall: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'a syscall',
    means: 'syscall',
    values: () => syscallNames().map((name) => ({ name, doc: syscallDoc(name) ?? '' })),
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a syscall', context);
    return scalar === undefined ? undefined : knownSyscall(scalar.text, scalar, context);
  },
};

function knownSyscall(name: string, scalar: ScalarNode, context: DecodeContext): string | undefined {
  if (isSyscall(name)) return name;
  const suggestion = nearest(name, syscallNames());
  context.diagnostics.push(
    report(
      'POL3002',
      scalar.span,
      { name: shorten(name) },
      {
        ...replaceWith(scalar, suggestion),
        ...(suggestion === undefined ? {} : { help: `a syscall with a similar name exists: \`${suggestion}\`` }),
      },
    ),
  );
  return undefined;
}

/** A YAML plain scalar cannot start with `@`. */
function quoted(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `"${name}"`;
}

/** A capability of capabilities(7): `net_bind_service`, `CAP_NET_BIND_SERVICE`. Gives the short lower-case name. */
export const capability: Shape<string> = fromTable(
  'a capability',
  (): readonly EnumerationValue[] => capabilityNames().map((name) => ({ name, doc: capabilityDoc(name) ?? '' })),
  (text) => text.toLowerCase().replace(/^cap_/, ''),
  'POL3004',
  'capability',
);

/** The presets of `access:` and the rights that Landlock knows by the kernel's names. */
export const accessPresets: Readonly<Record<string, { readonly doc: string; readonly rights: readonly string[] }>> = {
  'read-only': { doc: 'read files and list directories', rights: ['read_file', 'read_dir'] },
  'read-write': {
    doc: 'read, write, create, rename and remove files and directories; no device nodes and no execution',
    rights: [
      'read_file',
      'read_dir',
      'write_file',
      'truncate',
      'make_reg',
      'make_dir',
      'make_sym',
      'make_fifo',
      'make_sock',
      'remove_file',
      'remove_dir',
      'refer',
    ],
  },
  execute: { doc: 'read-only, and execute files', rights: ['read_file', 'read_dir', 'execute'] },
};

function accesses(): readonly EnumerationValue[] {
  return [
    ...Object.entries(accessPresets).map(([name, preset]) => ({ name, doc: preset.doc })),
    // `execute` is the preset, which holds the right of that name.
    ...fileSystemRights()
      .filter(({ name }) => !Object.hasOwn(accessPresets, name))
      .map(({ name, abi }) => ({ name, doc: `the Landlock right, from ABI ${abi}` })),
  ];
}

export const access: Shape<string> = fromTable('an access', accesses, (text) => text, 'POL3005', 'landlock-access');

/** The access that takes away what other entries give. */
export const noAccess = 'none';

export const accessOrNone: Shape<string> = fromTable(
  'an access',
  () => [
    ...accesses(),
    {
      name: noAccess,
      doc: 'nothing, whatever other entries allow above; Landlock cannot hold it, programs of the kernel can',
    },
  ],
  (text) => text,
  'POL3005',
  'landlock-access-or-none',
);

export const rlimit: Shape<string> = fromTable(
  'a resource limit',
  (): readonly EnumerationValue[] =>
    rlimitNames().map((name) => ({ name, doc: `RLIMIT_${name.toUpperCase()} of setrlimit(2)` })),
  (text) => text.toLowerCase().replace(/^rlimit_/, ''),
  'POL3006',
);

/** An LSM hook that gives a verdict. An old name is accepted with a note; a hook that returns nothing cannot refuse. */
export const hook: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'an LSM hook',
    values: () =>
      hookNames()
        .filter(hookReturnsVerdict)
        .map((name) => ({ name, doc: '' })),
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'an LSM hook', context);
    if (scalar === undefined) return undefined;
    const alias = hookAlias(scalar.text);
    if (alias !== undefined) {
      context.diagnostics.push(
        report('POL3008', scalar.span, { name: scalar.text, current: alias }, replaceWith(scalar, alias)),
      );
      return alias;
    }
    if (hookReturnsVerdict(scalar.text)) return scalar.text;
    const verdicts = hookNames().filter(hookReturnsVerdict);
    const suggestion = nearest(scalar.text, verdicts);
    context.diagnostics.push(
      hookNames().includes(scalar.text)
        ? report('POL3009', scalar.span, { name: scalar.text }, replaceWith(scalar, suggestion))
        : report('POL3007', scalar.span, { name: shorten(scalar.text) }, replaceWith(scalar, suggestion)),
    );
    return undefined;
  },
};

function fromTable(
  noun: string,
  values: () => readonly EnumerationValue[],
  normalise: (text: string) => string,
  code: 'POL3004' | 'POL3005' | 'POL3006',
  means?: Meaning,
): Shape<string> {
  return {
    description: { kind: 'enumeration', noun, values, ...(means === undefined ? {} : { means }) },
    decode(node, context) {
      const scalar = expectScalar(node, noun, context);
      if (scalar === undefined) return undefined;
      const name = normalise(scalar.text);
      const names = values().map((value) => value.name);
      if (names.includes(name)) return name;
      context.diagnostics.push(
        report(code, scalar.span, { name: shorten(scalar.text) }, replaceWith(scalar, nearest(name, names))),
      );
      return undefined;
    },
  };
}
