import type { MachineArchitecture } from '../../../ir/obligation.ts';
import type { Located } from '../../../schema/shape.ts';
import { findBase, type PackageFamily } from '../../../tables/base-images.ts';
import { all, type Lowering, last, lastOf } from './lowering.ts';
import { fillerOf } from './placeholders.ts';
import { agentLines, hasAgent } from './script/agent.ts';
import { type IdleStop, idleLines } from './script/idle.ts';
import {
  fileLines,
  type MachineFile,
  type MachineService,
  type MachineUser,
  scriptLines,
  serviceLines,
  userLines,
} from './script/machine.ts';
import { type Packages, packageLines } from './script/packages.ts';
import { marked, type Stage, stageFunctions } from './script/stages.ts';

/** What makes a machine of the base image into the template, from all layers. */
export interface Setup {
  /** What is said of the template in the script's first lines. */
  readonly name: string;
  readonly family: PackageFamily | undefined;
  /** Whether the base image comes with the agent by which a builder is followed. */
  readonly agent: boolean;
  readonly packages: Packages;
  readonly users: readonly MachineUser[];
  readonly files: readonly MachineFile[];
  readonly services: readonly MachineService[];
  /** Scripts of the author, in the order in which they run, by the names of their files. */
  readonly scripts: readonly (readonly [name: string, text: string])[];
  readonly idle?: IdleStop;
}

const kinds = ['post_install', 'user_data'] as const;

export function setupOf(lowering: Lowering): Setup {
  const { fill, asksForIdle } = fillerOf(lowering);
  const texts = [
    ...kinds.flatMap((kind) => all(lowering, (document) => list(document[kind])).map((text) => [kind, text] as const)),
    ...all(lowering, ({ ami_config: of }) => list(of?.value.user_data_script)).map((text) => ['image', text] as const),
  ];
  const scripts = texts.map(([kind, text], at): readonly [string, string] => [`${at + 1}-${kind}`, fill(text)]);
  const services = lastOf(
    all(lowering, (document) => document.services?.value),
    byName,
  ).flatMap(({ value: { name, config, enable } }): readonly MachineService[] =>
    name === undefined
      ? []
      : [{ name: name.value, config: (config?.value ?? []).map(fill), enabled: enable?.value !== false }],
  );
  const idle = last(lowering, (document) => document.idle_detection)?.value;
  return {
    name: lowering.own.name,
    family: findBase(last(lowering, ({ base }) => base)?.value ?? '')?.family,
    agent: hasAgent(last(lowering, ({ base }) => base)?.value ?? ''),
    packages: packagesOf(lowering),
    users: usersOf(lowering),
    files: filesOf(lowering),
    services,
    scripts,
    // Scripts that ask for the minutes bring a guard of their own.
    ...(idle?.enabled?.value === true && !asksForIdle()
      ? {
          idle: {
            afterMinutes: idle.hibernate_threshold_minutes?.value ?? 60,
            everyMinutes: idle.check_interval_minutes?.value ?? 5,
          },
        }
      : {}),
  };
}

/**
 * The script, the same for the same template.
 *
 * @param purpose whether images are made of the machine, or it is used itself
 * @param custom what a builder runs besides
 */
export function setupScript(setup: Setup, purpose: 'image' | 'instance', custom?: string): string {
  const { packages, family, users, files, services, scripts, idle } = setup;
  const needed = files.length > 0 ? ['curl', 'unzip'] : [];
  const titled = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [`# ${title}`, ...lines]);
  const all = custom === undefined ? scripts : [...scripts, [`${scripts.length + 1}-custom_script`, custom] as const];
  const ofPackages = packageLines(packages, family, needed);
  const isImage = purpose === 'image';
  const stages: readonly Stage[] = [
    {
      lines: [
        '#!/bin/bash',
        `# Makes a machine into ${setup.name}. Written by polc: change the template instead.`,
        'set -euo pipefail',
        'export DEBIAN_FRONTEND=noninteractive',
        ...(isImage ? stageFunctions : []),
      ],
    },
    ...(isImage ? [{ title: 'Configuring base system', lines: setup.agent ? [] : agentLines(family) }] : []),
    ...ofPackages.map((lines, index) => ({ title: `Installing ${packageKinds[index]} packages`, lines })),
    { title: 'Making users', lines: titled('Users', userLines(users)) },
    { title: 'Copying files', lines: titled('Files', fileLines(files)) },
    { title: 'Starting services', lines: titled('Services', serviceLines(services)) },
    ...all.map(([name, text]) => ({ title: `Running ${name.replace(/^\d+-/, '')}`, lines: scriptLines(name, text) })),
    {
      title: 'Setting up idle detection',
      lines: titled('Stops when nobody uses it', idle === undefined ? [] : idleLines(idle, purpose)),
    },
  ];
  const wanted = stages.filter(({ title, lines }) => lines.length > 0 || title === 'Configuring base system');
  const parts = isImage ? marked(wanted) : wanted.map(({ lines }) => lines);
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** In the order of `packageLines`. */
const packageKinds = ['system', 'conda', 'Python', 'Spack'] as const;

function packagesOf(lowering: Lowering): Packages {
  const of = (kind: keyof Packages) => {
    const written = all(lowering, ({ packages }) => packages?.value[kind]?.value).map(({ value }) => value);
    // The same package in another version replaces that of what is inherited.
    return lastOf(written, (text) => /^[^=<>!@~]+/.exec(text)?.[0] ?? text);
  };
  return { system: of('system'), conda: of('conda'), pip: of('pip'), spack: of('spack') };
}

function usersOf(lowering: Lowering): readonly MachineUser[] {
  const users = new Map<string, MachineUser>();
  for (const { value } of all(lowering, (document) => document.users?.value)) {
    const name = value.name?.value;
    if (name === undefined) continue;
    const before = users.get(name);
    const groups = [...(before?.groups ?? []), ...(value.groups?.value ?? []).map((group) => group.value)];
    const shell = value.shell?.value ?? before?.shell;
    users.set(name, { name, groups: [...new Set(groups)], ...(shell === undefined ? {} : { shell }) });
  }
  return [...users.values()];
}

function filesOf(lowering: Lowering): readonly MachineFile[] {
  const entries = all(lowering, (document) => document.files?.value);
  return lastOf(entries, ({ value }) => value.destination_path?.value ?? '').flatMap(
    ({ value: file }): readonly MachineFile[] => {
      const { s3_bucket: bucket, s3_key: key, destination_path: path, only_if: only } = file;
      if (bucket === undefined || key === undefined || path === undefined) return [];
      return [
        {
          bucket: bucket.value,
          key: key.value,
          path: path.value,
          owner: file.owner?.value ?? 'root',
          group: file.group?.value ?? 'root',
          permissions: file.permissions?.value ?? '0644',
          checksum: file.checksum?.value === true,
          required: file.required?.value !== false,
          removed: file.auto_cleanup?.value === true,
          ...(only === undefined ? {} : { only: architectureIn(only.value) }),
        },
      ];
    },
  );
}

/** Of `arch == 'arm64'`. */
function architectureIn(condition: string): MachineArchitecture {
  return condition.includes('arm64') ? 'arm64' : 'x86_64';
}

function byName({ value }: Located<{ readonly name: Located<string> | undefined }>): string {
  return value.name?.value ?? '';
}

function list<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
