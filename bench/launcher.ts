// What confinement adds to starting /bin/true: our launchers, and bubblewrap, over a plain exec. Each start is timed
// from before vfork(2) to after wait(2).
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../cli/host.ts';
import { compile } from '../compiler/compile.ts';
import { localMachine } from '../runtime/sandbox/machine.ts';
import { peerProgram, scratchFolder } from './support/native.ts';
import { spawner } from './support/spawn.ts';
import { printTable, type Row } from './support/table.ts';

const rounds = 500;
const command = '/bin/true';

/** A policy under which a dynamically linked program starts: a filter that the exec's cookie opens, and four paths. */
const confined = `profile: start
mode: sandbox
security:
  capabilities: []
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start", exit_group]
  landlock:
    paths:
      - { path: /usr, access: execute }
      - { path: /lib, access: execute, optional: true }
      - { path: /lib64, access: execute, optional: true }
      - { path: /etc, access: read-only }
`;

interface Launcher {
  readonly file: string;
  readonly bytes: number;
  readonly filterBytes: number;
}

const local = localMachine();
const spawn = spawner();
if ('problem' in local) console.log(`absent: launchers, ${local.problem}`);
else if (spawn !== undefined) {
  const { machine, target } = local;
  const launcherOf = (name: string, text: string): Launcher => {
    const { files, diagnostics } = compile(`${name}.yaml`, text, nodeHost, {
      target,
      emit: ['seccomp', 'landlock', 'launcher'],
      maximumMilliseconds: 0,
    });
    const image = files.find(({ path }) => path === `launcher/launcher.${machine}`);
    if (image === undefined) throw new Error(diagnostics.find(({ severity }) => severity === 'error')?.message);
    const file = join(scratchFolder(), name);
    writeFileSync(file, image.content, { mode: 0o755 });
    const filter = files.find(({ path }) => path === `seccomp/${machine}.bpf`);
    return { file, bytes: image.content.length, filterBytes: filter?.content.length ?? 0 };
  };
  const plain = launcherOf('confined', `${confined}network: { mode: host }\n`);
  const loopback = launcherOf('loopback', `${confined}network: { mode: loopback-only }\n`);

  const bwrap = peerProgram('bwrap');
  const binds = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'];
  const peers =
    bwrap === undefined
      ? []
      : [
          [bwrap, ...binds, command],
          [bwrap, ...binds, '--unshare-all', command],
        ];
  const commands = [[command], [plain.file, command], [loopback.file, command], ...peers];
  const times = spawn(rounds, commands).map(({ elapsed }) => elapsed);
  const [bare = 0, first = 0, second = 0, binding, unsharing] = times;
  const against = (name: string, time: number | undefined) =>
    time === undefined ? {} : { peer: { name, value: time - bare } };
  const rows: Row[] = [
    { what: 'seccomp and Landlock', ours: first - bare, ...against('bwrap with binds', binding), target: 0.12 },
    { what: 'the same, loopback only', ours: second - bare, ...against('bwrap --unshare-all', unsharing), target: 1.2 },
  ];
  printTable(`starting ${command}: what is added to a plain exec of ${bare.toFixed(2)} ms`, 'ms', rows);
  printTable('size of the launcher, less its filter', 'B', [
    { what: 'seccomp and Landlock', ours: plain.bytes - plain.filterBytes, target: 2000 },
    { what: 'the same, loopback only', ours: loopback.bytes - loopback.filterBytes, target: 2000 },
  ]);
  if (bwrap !== undefined) console.log(`\n  peer: ${execFileSync(bwrap, ['--version'], { encoding: 'utf8' }).trim()}`);
}
