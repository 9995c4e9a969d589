import type { MachineArchitecture } from '../../../../ir/obligation.ts';
import { shellWord } from '../../../../shell-word.ts';
import { indented } from './packages.ts';
import { writeFile } from './write-file.ts';

export interface MachineUser {
  readonly name: string;
  readonly groups: readonly string[];
  readonly shell?: string;
}

export interface MachineService {
  readonly name: string;
  readonly config: readonly string[];
  readonly enabled: boolean;
}

export interface MachineFile {
  readonly bucket: string;
  readonly key: string;
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  readonly permissions: string;
  readonly checksum: boolean;
  readonly required: boolean;
  readonly removed: boolean;
  readonly only?: MachineArchitecture;
}

/** The lines that make users, who may be there already: `ubuntu`, `ec2-user`. */
export function userLines(users: readonly MachineUser[]): readonly string[] {
  const groups = [...new Set(users.flatMap((user) => user.groups))];
  return [
    ...groups.map((group) => `getent group ${shellWord(group)} > /dev/null || groupadd --system ${shellWord(group)}`),
    ...users.flatMap(({ name, groups: own, shell }) => [
      `id -u ${shellWord(name)} > /dev/null 2>&1 || useradd --create-home --shell ${shellWord(shell ?? '/bin/bash')} ${shellWord(name)}`,
      ...(shell === undefined ? [] : [`usermod --shell ${shellWord(shell)} ${shellWord(name)}`]),
      ...(own.length === 0 ? [] : [`usermod --append --groups ${shellWord(own.join(','))} ${shellWord(name)}`]),
    ]),
  ];
}

/** The names that uname(1) has. */
const machines: Readonly<Record<MachineArchitecture, string>> = { x86_64: 'x86_64', arm64: 'aarch64' };

/** The lines that copy files from S3, and before them the command that does so where the image has none. */
export function fileLines(files: readonly MachineFile[]): readonly string[] {
  if (files.length === 0) return [];
  return [
    'if ! command -v aws > /dev/null; then',
    '  curl --fail --silent --show-error --output /tmp/aws.zip "https://awscli.amazonaws.com/awscli-exe-linux-$(uname -m).zip"',
    '  unzip -q /tmp/aws.zip -d /tmp',
    '  /tmp/aws/install',
    '  rm -r /tmp/aws /tmp/aws.zip',
    'fi',
    ...files.flatMap(copyLines),
  ];
}

function copyLines(file: MachineFile): readonly string[] {
  const source = shellWord(`s3://${file.bucket}/${file.key}`);
  const target = shellWord(file.path);
  const copy = `aws s3 cp ${file.checksum ? '--checksum-mode ENABLED ' : ''}--only-show-errors ${source} ${target}`;
  const then = [
    `chown ${shellWord(`${file.owner}:${file.group}`)} ${target}`,
    `chmod ${file.permissions} ${target}`,
    ...(file.removed ? [`aws s3 rm --only-show-errors ${source}`] : []),
  ];
  const folder = `mkdir -p "$(dirname ${target})"`;
  const lines = file.required
    ? [folder, copy, ...then]
    : [
        folder,
        `if ${copy}; then`,
        ...indented(then),
        'else',
        `  echo ${shellWord(`polc: ${file.path} was not copied`)} >&2`,
        'fi',
      ];
  if (file.only === undefined) return lines;
  return [`if [ "$(uname -m)" = ${machines[file.only]} ]; then`, ...indented(lines), 'fi'];
}

/** The lines that configure and start services. One that has no unit is named in the log: a script may make it later. */
export function serviceLines(services: readonly MachineService[]): readonly string[] {
  return services.flatMap(({ name, config, enabled }) => {
    const unit = shellWord(`${name}.service`);
    return [
      ...(config.length === 0
        ? []
        : [
            `mkdir -p ${shellWord(`/etc/${name}`)}`,
            ...writeFile(`/etc/${name}/${name}.conf`, config.join('\n'), true),
          ]),
      ...(enabled
        ? [
            `if systemctl cat ${unit} > /dev/null 2>&1; then`,
            `  systemctl enable --now ${unit}`,
            'else',
            `  echo ${shellWord(`polc: there is no unit ${name}.service to start`)} >&2`,
            'fi',
          ]
        : []),
    ];
  });
}

/** The lines that write one of the author's scripts to a file and run it. Without a first line of its own bash runs it. */
export function scriptLines(name: string, text: string): readonly string[] {
  const path = `/var/lib/polc/${name}`;
  const whole = text.startsWith('#!') ? text : `#!/bin/bash -e\n${text}`;
  return ['mkdir -p /var/lib/polc', ...writeFile(path, whole), `chmod 0700 ${path}`, path];
}
