import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Policy } from '../../compiler/ir/policy.ts';
import type { StartedProgram } from '../../runtime/sandbox/zygote/run-program.ts';
import { runningServers, stopServers } from '../../runtime/sandbox/zygote/servers.ts';
import { suite } from '../support/harness.ts';
import { keeping, loopbackOnly, paths, reading, refusing } from '../support/launcher.ts';
import { limitOf } from '../support/policies.ts';
import { until } from '../support/until.ts';
import { type ForkOptions, forked, noZygote, python, zygoteFor, zygoteTestFolder } from '../support/zygote.ts';

const { test, skip, run } = suite('isolation of forked programs');

const missing = await noZygote();
const groups = existsSync('/sys/fs/cgroup/pids') || existsSync('/sys/fs/cgroup/cgroup.controllers');

if (missing !== undefined) skip('every test', missing);
else {
  const folder = zygoteTestFolder();
  const code = (text: string, ...words: readonly string[]) => ['-c', text, ...words];

  /** What a program prints, which has to end well. */
  const printed = async (
    policy: Partial<Policy>,
    text: string,
    words: readonly string[] = [],
    options?: ForkOptions,
  ) => {
    const { end, stdout, stderr } = await forked(policy, code(text, ...words), options);
    assert.equal(end, { code: 0 }, stderr);
    return stdout;
  };

  /** A program that prints `ready` and waits, for as long as `use` takes. */
  const beside = async (policy: Partial<Policy>, before: string, use: (output: () => string) => Promise<void>) => {
    let program: StartedProgram | undefined;
    let output = () => '';
    const text = `import sys, time\n${before}\nprint("ready", flush=True)\ntime.sleep(1000)`;
    const ended = forked(policy, code(text), {
      started: (each, read) => {
        program = each;
        output = read;
      },
    });
    await until(() => output().includes('ready'), 'the other program runs');
    try {
      await use(output);
    } finally {
      program?.signal(9);
      assert.equal((await ended).end, { code: 137 });
    }
  };

  const serverPid = async (policy: Partial<Policy>) => {
    const { zygote } = await zygoteFor(policy, code('pass'));
    const servers = await runningServers();
    assert.ok(!('problem' in servers));
    return (
      ('problem' in servers ? [] : servers).find(({ identity }) => zygote.plan.socket.includes(identity))?.pid ?? 0
    );
  };

  test('no descriptor is open but the three that the client gave', async () => {
    const text =
      'import os\nfor f in sorted(os.listdir("/proc/self/fd"), key=int):\n  try: print(f, os.readlink("/proc/self/fd/" + f), os.get_inheritable(int(f)))\n  except OSError: pass';
    const lines = (await printed({}, text)).trim().split('\n');
    assert.is(lines.length, 3, lines.join());
    assert.is(lines[0], '0 /dev/null True');
    assert.match(lines[1]!, /^1 .*\/stdout True$/);
    assert.match(lines[2]!, /^2 .*\/stderr True$/);
  });

  test('random numbers and names differ between programs', async () => {
    const text =
      'import random, secrets, uuid, tempfile, os, ssl, numbers\nprint(random.random(), random.getrandbits(64), secrets.token_hex(), uuid.uuid4(), uuid.uuid1(), tempfile.mktemp(), os.urandom(9), next(tempfile._get_candidate_names()), ssl.RAND_bytes(8), sep="\\n")';
    const [first, second] = [await printed({}, text), await printed({}, text)].map((each) => each.trim().split('\n'));
    assert.is(first!.length, 9);
    for (const [index, value] of first!.entries()) assert.is.not(value, second![index]);
  });

  test('a generator of random numbers that the server had loaded is seeded anew', async () => {
    // Of the packages of this machine some may load it at the start; this asks for the seeding whichever way it came.
    const text = 'import random; print(random.getstate()[1][:3])';
    const seen = new Set<string>();
    for (let index = 0; index < 4; index++) seen.add(await printed({}, text));
    assert.is(seen.size, 4);
  });

  test('nothing of the environment or the request of another client is in memory', async () => {
    const secret = 'SECRET_0123456789abcdef';
    const scan =
      'import re\nfound = set()\nmemory = open("/proc/self/mem", "rb", 0)\nfor line in open("/proc/self/maps"):\n  if " r" not in line or "[v" in line: continue\n  a, b = (int(x, 16) for x in line.split()[0].split("-"))\n  try:\n    memory.seek(a); found.update(re.findall(rb"SECRET_[0-9a-f]{16}", memory.read(b - a)))\n  except (OSError, ValueError): pass\nprint(sorted(found))';
    const environment = { A_SECRET: secret };
    assert.match(await printed({}, scan, [secret], { environment }), secret, 'it can be found where it is');
    await beside({}, 'import os; held = os.environ', async () => {
      assert.is(await printed({}, scan), '[]\n');
    });
    const own = 'import os; print(open("/proc/self/environ").read(), sorted(os.environ))';
    process.env.POLC_TEST_SECRET = secret;
    try {
      assert.not.match(await printed({ limits: [limitOf('rlimit:core', 'count', 0)] }, own), 'SECRET');
    } finally {
      delete process.env.POLC_TEST_SECRET;
    }
  });

  test('of other processes nothing can be read, signalled or traced, the server and siblings among them', async () => {
    const server = await serverPid({});
    await beside({}, '', async () => {
      const text =
        'import os, ctypes, sys\nme = os.readlink("/proc/self")\nlibc = ctypes.CDLL(None)\nseen = tries = 0\nfor pid in filter(str.isdigit, os.listdir("/proc")):\n  if pid == me: continue\n  seen += 1\n  for name in ("environ", "mem", "maps", "fd", "cwd", "root", "ns/pid"):\n    try:\n      path = "/proc/%s/%s" % (pid, name)\n      if name == "fd": got = [os.readlink(path + "/" + f) for f in os.listdir(path)]\n      elif name in ("cwd", "root", "ns/pid"): got = os.readlink(path)\n      else: got = open(path, "rb").read(1)\n      if got: print("read", path)\n    except (FileNotFoundError, NotADirectoryError): pass\n    except PermissionError: tries += 1\n    except ProcessLookupError: pass\n    except OSError as e: print(path, e)\n  if libc.ptrace(16, int(pid), 0, 0) == 0: print("traced", pid)\n  try: os.kill(int(pid), 0); print("signalled", pid)\n  except ProcessLookupError: pass\nprint(seen, tries > 2, os.path.exists("/proc/" + sys.argv[1]), os.getpid())\nfor pid in range(3, 1 << 15):\n  try: os.kill(pid, 0); print("signalled", pid)\n  except ProcessLookupError: pass';
      const output = await printed({}, text, [String(server)]);
      // The first process is the server's; what it was started with is all that can be read of it.
      const lines = output.trim().split('\n');
      const expected = ['read /proc/1/environ', 'read /proc/1/maps', 'signalled 1', '1 True False 2'];
      assert.equal(
        lines.filter((line) => !expected.includes(line)),
        [],
      );
      assert.is(lines.at(-1), '1 True False 2');
    });
  });

  test("the first process of a program's PID namespace cannot be reached by it", async () => {
    const text =
      'import os, signal, ctypes, time\nfor s in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV): os.kill(1, s)\ntime.sleep(0.1)\nprint(ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0), ctypes.CDLL(None).syscall(434, 1, 0) > 2)';
    assert.is(await printed({}, text), '-1 True\n');
  });

  test('neither a forked nor a plainly started program of a sandbox is served', async () => {
    const { zygote } = await zygoteFor({}, code('pass'));
    const text =
      'import socket, sys\ns = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.settimeout(30); print(s.recv(99))';
    assert.is(await printed({}, text, [zygote.plan.socket]), "b'Xit is in a sandbox itself'\n");
    const words = ['--no-new-privs', python, '-c', text, zygote.plan.socket];
    assert.is(spawnSync('setpriv', words, { encoding: 'utf8' }).stdout, "b'Xit is in a sandbox itself'\n");
    const other = spawnSync('setpriv', ['--reuid', '65534', '--clear-groups', python, '-c', text, zygote.plan.socket], {
      encoding: 'utf8',
    });
    assert.match(other.stderr, 'PermissionError');
  });

  test('a program of a sandbox that listens in the place of a server is given nothing', async () => {
    const limits = [limitOf('rlimit:core', 'count', 1)];
    const { zygote } = await zygoteFor({ limits }, code('pass'));
    const text =
      'import socket, sys\ns = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print("listening", flush=True)\nc, _ = s.accept(); print(c.recvmsg(4096, 4096), flush=True)';
    mkdirSync(join(folder, 'polc'), { recursive: true, mode: 0o700 });
    const impostor = spawn('setpriv', ['--no-new-privs', python, '-c', text, zygote.plan.socket], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    impostor.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    await until(() => said.includes('listening'));
    const { end } = await forked({ limits }, code('pass'));
    assert.match('problem' in end ? end.problem : '', 'a program in a sandbox listens');
    if (impostor.exitCode === null) await once(impostor, 'close');
    assert.match(said, "(b'', [], 0, None)");
  });

  test('each program has namespaces, a Landlock domain and no_new_privs of its own', async () => {
    const policy = { decisions: [loopbackOnly] };
    const text =
      'import os\nfor n in ("pid", "net"): print(os.readlink("/proc/self/ns/" + n))\nprint([l for l in open("/proc/self/status") if l.startswith("NoNewPrivs")], os.listdir("/sys/class/net") and open("/proc/net/dev").read().count(":"))';
    const own = ['pid', 'net'].map((name) =>
      spawnSync('readlink', [`/proc/self/ns/${name}`], { encoding: 'utf8' }).stdout.trim(),
    );
    await beside(
      policy,
      `import os\nfor n in ("pid", "net"): print(os.readlink("/proc/self/ns/" + n))\nimport socket; s = socket.create_server(("127.0.0.1", 4711))`,
      async (output) => {
        const sibling = output().split('\n').slice(0, 2);
        const lines = (
          await printed(
            policy,
            `${text}\nimport socket; socket.create_server(("127.0.0.1", 4711))\ntry: socket.create_connection(("127.0.0.1", 4712), 1)\nexcept ConnectionRefusedError: print("refused")`,
          )
        )
          .trim()
          .split('\n');
        for (const index of [0, 1]) assert.is(new Set([lines[index], sibling[index], own[index]]).size, 3);
        assert.is(lines[2], "['NoNewPrivs:\\t1\\n'] 1");
        assert.is(lines[3], 'refused');
      },
    );
  });

  test('a program has all processors that its client may use, however it was called', async () => {
    const text = 'import os; print(sorted(os.sched_getaffinity(0)))';
    const own = spawnSync(python, ['-c', text], { encoding: 'utf8' }).stdout;
    for (let index = 0; index < 3; index++) assert.is(await printed({}, text), own);
  });

  test('private layers are empty for each program', async () => {
    const layer = join(folder, 'layer');
    mkdirSync(layer);
    const span = { file: 'policy.yaml', start: 0, end: 0 };
    const policy: Partial<Policy> = {
      obligations: [
        {
          id: 'layer',
          topic: 'resources.disk',
          origin: { span },
          kind: 'private-layer',
          path: layer,
          bytes: 1_000_000,
        },
      ],
    };
    const text =
      'import os, sys\nprint(os.listdir(sys.argv[1]))\nopen(sys.argv[1] + "/mine", "w").write("x")\ntry: open(sys.argv[1] + "/large", "wb").write(bytes(2000000))\nexcept OSError as e: print(e.errno)';
    assert.is(await printed(policy, text, [layer]), '[]\n28\n');
    assert.is(await printed(policy, text, [layer]), '[]\n28\n');
    assert.equal(spawnSync('ls', [layer], { encoding: 'utf8' }).stdout, '');
  });

  test('the rules of the policy hold: paths, system calls, capabilities, resource limits', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    const policy = {
      decisions: [
        paths([open, [...reading, 'write_file', 'make_reg']], ['/etc/hostname', reading]),
        refusing(['uname', 'execve', 'execveat'], { kind: 'errno', errno: 1 }),
        keeping([]),
      ],
      limits: [limitOf('rlimit:nofile', 'count', 33)],
    } satisfies Partial<Policy>;
    const text = `
import os, resource, ctypes
def attempt(name, f):
  try: f(); print(name, "done")
  except Exception as e: print(name, type(e).__name__)
attempt("read", lambda: open("/etc/passwd"))
attempt("write", lambda: open("${open}/made", "w"))
attempt("uname", os.uname)
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
libc = ctypes.CDLL(None, use_errno=True)
args = (ctypes.c_char_p * 2)(b"true", None)
ones = ctypes.c_ulong(-1)
print(libc.syscall(59 if os.path.exists("/lib64/ld-linux-x86-64.so.2") else 221, b"/bin/true", args, None, 0, ones, ones), ctypes.get_errno())
status = dict(l.strip().split(":\\t") for l in open("/proc/self/status") if ":\\t" in l.strip())
print(status["Seccomp"], *[int(status[n], 16) for n in ("CapInh", "CapPrm", "CapEff", "CapAmb")])
print(resource.getrlimit(resource.RLIMIT_NOFILE))`;
    assert.is(
      await printed(policy, text),
      'read PermissionError\nwrite done\nuname PermissionError\nexec PermissionError\n-1 1\n2 0 0 0 0\n(33, 33)\n',
    );
  });

  if (!groups) skip('limits of control groups', 'there are no control groups');
  else {
    const limited = { limits: [limitOf('memory', 'bytes', 100_000_000), limitOf('pids', 'count', 12)] };

    test('memory is counted for each program by itself', async () => {
      await beside(limited, 'held = bytearray(b"x") * 60_000_000', async () => {
        assert.is(await printed(limited, 'held = bytearray(b"x") * 60_000_000; print(len(held))'), '60000000\n');
        const { end } = await forked(limited, code('held = bytearray(b"x") * 300_000_000'));
        assert.equal(end, { code: 137 });
      });
    });

    test('processes are counted for each program by itself', async () => {
      const text =
        'import os, time\nn = 0\ntry:\n  while n < 50:\n    if os.fork() == 0: time.sleep(1000)\n    n += 1\nexcept OSError as e: print(n, e.errno)';
      assert.is(await printed(limited, text), '11 11\n');
      assert.is(await printed(limited, text), '11 11\n');
    });
  }

  test('what a program leaves behind ends with it', async () => {
    const mark = '987654.5';
    const text = `import os, subprocess\nif os.fork() == 0:\n  os.setsid()\n  os.execvp("sleep", ["sleep", "${mark}"])\nimport time; time.sleep(0.3)`;
    assert.is(await printed({}, text), '');
    assert.not.match(spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout, mark);
  });

  test('a client that sends nothing holds up nobody', async () => {
    const { zygote } = await zygoteFor({}, code('pass'));
    const rude = spawn(python, [
      '-c',
      `import socket, time; s = socket.socket(socket.AF_UNIX); s.connect("${zygote.plan.socket}"); time.sleep(1000)`,
    ]);
    try {
      for (let index = 0; index < 3; index++) assert.is(await printed({}, 'print(1)'), '1\n');
    } finally {
      rude.kill('SIGKILL');
    }
  });

  test('afterwards no server is left', async () => {
    const result = await stopServers();
    assert.equal('left' in result && result.left, []);
  });
}

run();
