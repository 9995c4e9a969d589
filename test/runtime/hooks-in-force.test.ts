import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { noVirtualMachine, originOf } from '../support/machine-files.ts';
import { polcMachine } from '../support/polc-machine.ts';

const { test, skip, run } = suite('polc run with hook programs');

const text = (value: string) => new TextEncoder().encode(value);
const policy = 'profile: hooked\nmode: sandbox\nsecurity:\n  bpf_lsm: { file_open: files.bpf }\n';
const program = `hook file_open
  audit errno EACCES when path beneath "/t/d"
  audit when path like "/t/e*"
  deny when comm == "outside"
`;

/** More than a machine takes for cgroups, so that programs are attached to the whole system. */
const hooks =
  'file_lock file_receive inode_getattr path_chmod path_chown path_link path_mkdir path_rename path_rmdir path_symlink path_unlink';
const many = hooks
  .split(' ')
  .map((hook) => `hook ${hook}\n  ${hook === 'path_mkdir' ? 'audit deny' : 'deny when comm == "nobody"'}\n`)
  .join('');

/** A script in a fresh folder, which then tells what is left of programs and groups. */
function part(script: string): string {
  const begin = 'rm -rf /t /tmp/*; mkdir -p /t; echo d > /t/d; echo e > /t/e\n';
  // A kernel frees programs a moment after nobody holds them.
  const wait = 'i=0; while [ $i -lt 90 ] && [ -n "$(bpftool prog list)" ]; do usleep 300000; i=$((i + 1)); done; ';
  const lists =
    'echo "left:"; bpftool prog list; bpftool link list; bpftool map list; ls -d /sys/fs/cgroup/polc* 2> /dev/null\n';
  return `${begin}${script}\n${wait}${lists}`;
}

const whole = 'the programs are in force for the command alone, what they record is printed, and nothing is left';
const held = 'they hold on after polc was killed, until the last process of the program is gone';
const system = 'more hooks than a machine takes for cgroups hold the cgroup all the same';

const missing = noVirtualMachine();
if (missing !== undefined) {
  skip(whole, missing);
  skip(held, missing);
} else {
  const machine = polcMachine({
    kernel: '6.12',
    files: { '/w/p.yaml': text(policy), '/w/files.bpf': text(program) },
    parts: {
      held: part(`polc run p.yaml -- sh -c 'while :; do cat /t/d; sleep 1; done' > /tmp/read 2> /tmp/said &
while ! grep -q denied /tmp/said; do usleep 300000; done
for p in /proc/[0-9]*; do case "$(cat $p/cmdline 2> /dev/null | tr '\\0' ' ')" in *polc.js*) polc=\${p#/proc/};; esac; done
for p in /proc/[0-9]*; do if [ "$(sed 's/.*) . //; s/ .*//' $p/stat 2> /dev/null)" = $polc ]; then launcher=\${p#/proc/}; fi; done
kill -STOP $launcher; kill -9 $polc; while [ -e /proc/$polc/exe ]; do usleep 300000; done
n=$(grep -c denied /tmp/said); while [ $(grep -c denied /tmp/said) -lt $((n + 2)) ]; do usleep 300000; done
echo "links $(bpftool link list | grep -c '^[0-9]'), read $(wc -c < /tmp/read)"
kill -CONT $launcher; while pidof cat sleep sh | grep -q . && [ -e /proc/$launcher/exe ]; do usleep 300000; done
echo "launcher $(ls -d /proc/$launcher/exe 2> /dev/null)"; rmdir /sys/fs/cgroup/polc-*`),
      whole: part(`polc run -q --events /tmp/events p.yaml -- sh -c 'cat /t/d; cat /t/e; exit 7'; echo "ended $?"
cat /t/d; cat /tmp/events
polc run p.yaml -- sh -c '(cat /t/d; sleep 1000) & sleep 1000' 2> /tmp/said &
while ! grep -q time /tmp/said; do usleep 300000; done
bpftool link list | grep -c '^[0-9]'
for p in /proc/[0-9]*; do case "$(cat $p/cmdline 2> /dev/null | tr '\\0' ' ')" in node*polc.js*) kill -9 \${p#/proc/};; esac; done
i=0; while [ $i -lt 200 ] && { ps | grep -q '[s]leep 1000' || [ -n "$(bpftool link list)" ]; }; do usleep 300000; i=$((i + 1)); done
echo "sleeping $(ps | grep -c '[s]leep 1000')"; rmdir /sys/fs/cgroup/polc-*`),
    },
  });
  test(held, async () => {
    const output = await machine('held');
    assert.equal(output.trim().split('\n'), ['links 1, read 0', 'launcher ', 'left:']);
  });
  test(whole, async () => {
    const output = await machine('whole');
    const lines = output.trim().split('\n');
    const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    assert.equal(
      events.map(({ rule, file, line, answer, error, path, command }) => [
        rule,
        file,
        line,
        answer,
        error,
        path,
        command,
      ]),
      [
        ['hook/file_open/0', 'files.bpf', 2, 'refused', 'EACCES', '/t/d', 'cat'],
        ['hook/file_open/audit/0', 'files.bpf', 3, 'recorded', undefined, '/t/e', 'cat'],
      ],
    );
    assert.equal(
      lines.filter((line) => !line.startsWith('{')),
      ["cat: can't open '/t/d': Permission denied", 'e', 'ended 7', 'd', '1', 'sleeping 0', 'left:'],
    );
  });
}

// The oldest kernel that programs are written for has none for cgroups, however few there are.
for (const kernel of ['5.15', '6.1'] as const) {
  const name = `${system}: Linux ${kernel}`;
  const absent = noVirtualMachine(kernel);
  if (absent !== undefined) skip(name, absent, originOf(kernel));
  else
    test(name, async () => {
      const machine = polcMachine({
        kernel,
        files: { '/w/many.bpf': text(many) },
        parts: {
          system: part(`mkdir /sys/fs/cgroup/a
polc sandbox load many.bpf --pin many --cgroup /sys/fs/cgroup/a --quiet; echo "loaded $?"
mkdir /t/outside && echo made
sh -c 'echo 0 > /sys/fs/cgroup/a/cgroup.procs; mkdir /t/inside; rm /t/e && echo removed'
polc sandbox status many --events
polc sandbox unload many --quiet; echo "unloaded $?"
sh -c 'echo 0 > /sys/fs/cgroup/a/cgroup.procs; mkdir /t/later && echo made'`),
        },
      });
      const output = await machine('system');
      const lines = output.trim().split('\n');
      const [event] = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
      assert.equal([event?.hook, event?.answer, event?.error, event?.line], ['path_mkdir', 'refused', 'EPERM', 14]);
      assert.equal(
        lines.filter((line) => !line.startsWith('{')),
        [
          'loaded 0',
          'made',
          "mkdir: can't create directory '/t/inside': Operation not permitted",
          'removed',
          'unloaded 0',
          'made',
          'left:',
        ],
      );
    });
}

run();
