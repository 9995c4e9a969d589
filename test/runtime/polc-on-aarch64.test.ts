import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { version } from '../../compiler/version.ts';
import { aarch64NodeFiles, noAarch64Node } from '../support/aarch64-node.ts';
import { noStaticHelper, staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { noVirtualMachine } from '../support/machine-files.ts';
import { polcFiles } from '../support/machine-node.ts';
import { calm, withProject } from '../support/polc-process.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('polc on aarch64');

const text = (value: string) => new TextEncoder().encode(value);

/** All that holds a program from its start, and a level that is stricter in its calls. */
const started = `profile: started
mode: sandbox
security:
  seccomp: { default: allow, deny: [vmsplice] }
  bpf_lsm: { file_open: started.bpf }
  landlock:
    paths:
      - { path: /bin, access: execute }
      - { path: /dev, access: [read_file, write_file, read_dir] }
      - { path: /t/ro, access: read-only }
      - { path: /t/rw, access: read-write }
resources: { pids: 9 }
adaptive:
  auto_upgrade: hardened
  triggers: [{ network_access: upgrade }]
`;
const startedProgram = `hook file_open
  audit errno EIO when path beneath "/t/ro/secret"
`;
const holds = 'cat /t/ro/a; echo x > /t/rw/a; echo x > /t/ro/b; cat /t/other/a; cat /t/ro/secret/a';

/** What nothing holds before the event, and programs at hooks alone after it: of the policy's own, and of its paths. */
const moved = `profile: moved
mode: direct
security:
  seccomp: { default: allow }
  bpf_lsm: { file_open: moved.bpf, task_kill: moved.bpf }
  landlock:
    paths:
      - { path: /bin, access: execute }
      - { path: /dev, access: [read_file, write_file, read_dir] }
      - { path: /t/ro, access: read-only }
      - { path: /t/rw, access: read-write }
adaptive:
  auto_upgrade: sandbox
  triggers: [{ network_access: upgrade }]
`;
const movedProgram = `hook file_open
  audit deny when path beneath "/t/ro/secret"
  counter opens by uid per 600s when path == "/t/ro/a"
  errno EROFS when opens > 2 && path == "/t/ro/a"
hook task_kill
  errno EIO when sig == 10
`;
/** Made before the event and after it, and what is said of it then where it is refused; `$n` tells the two apart. */
const attempts: readonly (readonly [command: string, refusal?: string])[] = [
  ['cat /t/ro/a'],
  ['cat /t/ro/a'],
  ['cat /t/ro/a', 'Read-only file system'],
  ['cat /t/ro/secret/a', 'Operation not permitted'],
  ["sh -c 'trap : USR1; kill -USR1 $$'", 'Input/output error'],
  ['cat /t/other/a', 'Permission denied'],
  ['ls /t/other', 'Permission denied'],
  ['echo x > /t/ro/$n', 'Permission denied'],
  ['mkdir /t/ro/d$n', 'Permission denied'],
  ['ln /t/rw/a /t/ro/l$n', 'Permission denied'],
  ['ln -s a /t/ro/s$n', 'Permission denied'],
  ['mv /t/rw/m$n /t/ro/', 'Permission denied'],
  ['mv /t/rw/o$n /t/rw/p$n'],
  ['mkfifo /t/ro/f$n', 'Permission denied'],
  ['chmod 600 /t/ro/a', 'Permission denied'],
  ['truncate -s 1 /t/other/t$n', 'Permission denied'],
  ['rm /t/other/r$n', 'Permission denied'],
  ['chroot / /bin/true', 'Operation not permitted'],
  ['echo x > /t/rw/w$n'],
];

const example = 'python-guarded.yaml';
const exampleFiles = [example, 'python-ai-turbo.yaml', 'python-file-policy.bpf', 'deny-fork.bpf'];

/** The files of the example by their path below the folder that it is built in. */
function examples(): Readonly<Record<string, string>> {
  const folder = join(process.env.POLC_ROOT ?? '.', 'examples');
  return Object.fromEntries(exampleFiles.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function script(): string {
  const tried = attempts.map(([command], at) => `r=$( { ${command}; } 2>&1 >/dev/null ); echo "$n ${at} $?\${r:+ $r}"`);
  return `export HOME=/tmp; cd /w
part() { echo "part $*"; }
part version; polc --version
part doctor; polc doctor > /tmp/doctor; cat /tmp/doctor
part build; polc build ${example} --out out --max-ms 0 $(sed -n 's/^to build for it: polc build//p' /tmp/doctor) > /tmp/build 2>&1 || cat /tmp/build
cd out; find * -type f | xargs sha256sum; cd ..
mkdir -p /t/ro/secret /t/rw /t/other
for f in ro/a ro/secret/a rw/a other/a rw/m1 rw/m2 rw/o1 rw/o2 other/t1 other/t2 other/r1 other/r2; do echo $f > /t/$f; done
part started; polc run -q --events /tmp/started started.yaml -- sh -c '${holds}; probe personality vmsplice forks socket personality' 2>&1; echo "ended $?"
part started-events; cat /tmp/started
cat > /t/rw/tries << 'TRIES'
${tried.join('\n')}
TRIES
part moved; polc run -q --events /tmp/moved moved.yaml -- sh -c 'n=1; . /t/rw/tries; probe socket; n=2; . /t/rw/tries'; echo "ended $?"
part moved-events; cat /tmp/moved
part left; bpftool link list; ls /sys/fs/cgroup | grep polc
`;
}

const title = 'with pages of 16 KiB it builds the same bytes, and runs programs in all that a policy says';
const missing = noVirtualMachine('aarch64-6.12-16k') ?? noStaticHelper('aarch64') ?? noAarch64Node();
if (missing !== undefined) skip(title, missing, 'elsewhere');
else {
  test(title, async () => {
    const output = await runInMachine({
      kernel: 'aarch64-6.12-16k',
      content: {
        ...aarch64NodeFiles(),
        // With the code caches of this processor, of which V8 would die.
        ...polcFiles(),
        '/bin/polc': text('#!/bin/sh\nexec node /polc/bin/polc.js "$@"\n'),
        '/bin/probe': staticHelper('level-probe.c', 'aarch64'),
        // Ends the search for a configuration, as that of a project does.
        '/w/.git/HEAD': text(''),
        ...Object.fromEntries(
          Object.entries({
            ...examples(),
            'started.yaml': started,
            'started.bpf': startedProgram,
            'moved.yaml': moved,
            'moved.bpf': movedProgram,
          }).map(([name, content]) => [`/w/${name}`, text(content)]),
        ),
      },
      script: script(),
      megabytes: 1000,
      seconds: 450,
    });
    const parts = new Map(
      output
        .split(/^part /m)
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).trim()]),
    );
    const lines = (name: string) => (parts.get(name) ?? '').split('\n');
    const events = (name: string) => lines(`${name}-events`).map((line) => JSON.parse(line));

    assert.equal(lines('version'), [`polc ${version}`], output);
    const found = parts.get('doctor') ?? '';
    for (const line of [/system +linux 6\.12\.\S+ on aarch64$/m, /✔ hook programs +can be loaded: one was$/m])
      assert.match(found, line);
    const target = /^to build for it: polc build (.*)$/m.exec(found)?.[1] ?? '';
    assert.match(target, /architectures=aarch64 .*kernel=6\.12/);
    await withProject(({ write, polc, contents }) => {
      write(examples());
      const built = polc(['build', example, '--out', 'out', ...calm, ...target.split(' ')]);
      assert.is(built.status, 0, built.stderr);
      const there = Object.fromEntries(lines('build').map((line) => line.split(/ +/).reverse()));
      // Of what both wrote it alone says how long that took.
      const report = { 'build-report.json': '' };
      assert.equal({ ...there, ...report }, { ...contents('out'), ...report });
    });

    assert.equal(
      lines('started'),
      [
        ...['ro/a', "sh: can't create /t/ro/b: Permission denied", "cat: can't open '/t/other/a': Permission denied"],
        ...["cat: can't open '/t/ro/secret/a': Input/output error", 'personality done', 'vmsplice -1 EPERM'],
        ...['forks 7 EAGAIN', 'socket done', 'personality -1 EPERM', 'ended 0'],
      ],
      output,
    );
    assert.equal(
      events('started').map(({ event, rule, to, error, path }) => [event, rule, to ?? error, path]),
      [
        [undefined, 'hook/file_open/0', 'EIO', '/t/ro/secret/a'],
        ['level', 'transition/network_access', 'hardened', undefined],
      ],
      output,
    );

    const before = lines('moved').slice(0, attempts.length);
    assert.equal(
      before,
      attempts.map((_, at) => `1 ${at} 0`),
      output,
    );
    const after = lines('moved').slice(attempts.length + 1, -1);
    for (const [at, [command, refusal]] of attempts.entries()) {
      const said = new RegExp(refusal === undefined ? `^2 ${at} 0$` : `^2 ${at} 1 .*: ${refusal}$`);
      assert.match(after[at] ?? '', said, `${command}\n${output}`);
    }
    assert.equal([lines('moved')[attempts.length], lines('moved').at(-1)], ['socket done', 'ended 0']);
    const [move, ...recorded] = events('moved');
    assert.equal([move.from, move.to, move.programs.length], ['direct', 'sandbox', 19], output);
    assert.equal(
      recorded.map(({ rule, line, error, path }) => [rule, line, error, path]),
      [['sandbox/hook/file_open/0', 2, 'EPERM', '/t/ro/secret/a']],
    );
    assert.is(parts.get('left'), '', output);
  });
}

run();
