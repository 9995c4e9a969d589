import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { stopServers } from '../../runtime/sandbox/zygote/servers.ts';
import { suite } from '../support/harness.ts';
import { longPatience } from '../support/until.ts';
import { forked, noZygote, python, zygoteTestFolder } from '../support/zygote.ts';

const { test, skip, run } = suite('forked programs beside python3 itself');

const missing = await noZygote();

/** What a program is to do alike in both: codes of -c. */
const codes: Readonly<Record<string, string>> = {
  nothing: 'pass',
  'its arguments': 'import sys; print(sys.argv, sys.orig_argv[1:], sys.executable, __name__)',
  'the path of modules': 'import sys; print(sys.path)',
  "the user's own packages": 'import site; print(site.USER_BASE, site.USER_SITE, site.ENABLE_USER_SITE)',
  'its flags': 'import sys; print(sys.flags, sys.warnoptions)',
  'what is defined': 'print(sorted(globals()), __builtins__, __doc__, __spec__, __loader__)',
  'the environment': 'import os; print(sorted(os.environ.items()), os.getenv("HOME"), os.path.expanduser("~"))',
  'the folder': 'import os; print(os.getcwd())',
  streams:
    'import sys\nfor s in (sys.stdin, sys.stdout, sys.stderr): print(s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.write_through, s.newlines, s.fileno(), s is getattr(sys, "__" + s.name[1:-1] + "__"))',
  'an exit code': 'raise SystemExit(7)',
  'an exit code that is too large': 'raise SystemExit(1000)',
  'an exit text': 'raise SystemExit("no")',
  'an exit without a code': 'import sys; sys.exit()',
  'an error': 'def f(x):\n  return 1 / x\nf(0)',
  'an error in an error': 'try:\n  [][0]\nexcept IndexError as e:\n  raise ValueError("x") from e',
  'a syntax error': 'def (',
  'a hook for errors': 'import sys; sys.excepthook = lambda *a: print("hook", a[0]); boom',
  'functions at the end': 'import atexit; atexit.register(print, "one"); atexit.register(print, "two"); boom',
  'objects at the end': 'class A:\n  def __del__(self): print("gone", name)\nname = "x"\na = A()\na.self = a',
  'a file that is not closed': 'import os; f = os.fdopen(os.dup(1), "w"); f.write("unwritten")',
  'a thread that goes on':
    'import threading, time; threading.Thread(target=lambda: (time.sleep(0.1), print("late"))).start()',
  'a signal that ends it': 'import os, signal; print("x", flush=True); os.kill(os.getpid(), signal.SIGTERM)',
  signals: 'import signal; print([(s, signal.getsignal(s)) for s in signal.Signals if signal.getsignal(s)])',
  'an interrupt': 'import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(5)',
  'its limits and mask':
    'import os, resource; m = os.umask(0); print(m, resource.getrlimit(resource.RLIMIT_NOFILE), os.nice(0))',
  'another process': 'import subprocess, sys; print(subprocess.check_output([sys.executable, "-c", "print(1)"]))',
  'processes of its own': 'import multiprocessing as m\np = m.Pool(2); print(p.map(abs, [-1, 2])); p.close(); p.join()',
  'modules anew':
    'import ctypes, socket, select, json, ssl, random; print(ctypes.CDLL(None).getpid() > 0, json.dumps([1]))',
  'what is loaded': 'import sys; print(sorted(sys.modules))',
  'its output after the end of its reader': 'import sys, os; r, w = os.pipe(); os.close(r); os.dup2(w, 1); print("x")',
  'a warning': 'import warnings; warnings.warn("careful")',
  input: 'import sys; print(sys.stdin.read())',
  time: 'import time; print(time.tzname)',
};

if (missing !== undefined) skip('every test', missing);
else {
  const folder = zygoteTestFolder();
  const environment = { HOME: '/root', TZ: 'Asia/Kolkata', LANG: 'C.UTF-8', SOME: 'thing' };

  /** The words with python3 itself and as a fork. */
  const both = async (words: readonly string[], input = '/dev/null') => {
    const plain = spawnSync(python, words, {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', ...environment },
      encoding: 'utf8',
      timeout: longPatience,
      stdio: [openSync(input, 'r'), 'pipe', 'pipe'],
    });
    const fork = await forked({}, words, { environment, folder, input });
    return { plain, fork };
  };
  const same = async (words: readonly string[], input?: string) => {
    const { plain, fork } = await both(words, input);
    assert.is(fork.stdout, plain.stdout);
    // An object's address is no promise.
    assert.is(fork.stderr, plain.stderr);
    const signals: Readonly<Record<string, number>> = { SIGTERM: 143, SIGINT: 130 };
    assert.equal(fork.end, { code: plain.status ?? signals[plain.signal ?? ''] });
  };

  for (const [what, code] of Object.entries(codes)) {
    const words = ['-c', code, 'one', 'tw o', 'ä'];
    const input = join(folder, 'input');
    writeFileSync(input, 'some input');
    test(`-c: ${what}`, () => same(words, input));
  }

  test('a file, a link to one, a folder and a file that is not there', async () => {
    mkdirSync(join(folder, 'program'));
    const text =
      'import sys, beside\nprint(sys.argv, __file__, sys.path[0], __cached__, type(__loader__).__name__)\nboom\n';
    writeFileSync(join(folder, 'program/main.py'), text);
    writeFileSync(join(folder, 'program/beside.py'), 'print("beside", __name__)\n');
    writeFileSync(join(folder, 'program/__main__.py'), 'import sys; print(sys.argv, __spec__.name, sys.path[0])\n');
    symlinkSync('program/main.py', join(folder, 'link'));
    await same(['program/main.py', 'x']);
    await same(['link', '--flag', '-x']);
    await same(['program', 'x']);
    await same(['absent.py']);
  });

  test('a module', async () => {
    await same(['-m', 'base64', '-t']);
    await same(['-m', 'no_such_module']);
    await same(['-m', 'json.tool', '--help']);
  });

  test("packages of the user's own, whose code runs in the sandbox alone", async () => {
    const home = join(folder, 'home');
    const version = spawnSync(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
      encoding: 'utf8',
    });
    const packages = join(home, `.local/lib/python${version.stdout.trim()}/site-packages`);
    mkdirSync(packages, { recursive: true });
    writeFileSync(join(packages, 'mine.py'), 'value = 42\n');
    writeFileSync(join(packages, 'usercustomize.py'), 'import os; print("custom", os.environ["SOME"])\n');
    const words = ['-c', 'import mine, sys; print(mine.value, sys.path)'];
    const env = { PATH: '/usr/bin:/bin', ...environment, HOME: home };
    const plain = spawnSync(python, words, { cwd: folder, env, encoding: 'utf8' });
    const fork = await forked({}, words, { environment: { ...environment, HOME: home }, folder });
    assert.match(plain.stdout, 'custom thing\n42 ');
    assert.is(fork.stdout, plain.stdout, fork.stderr);
    assert.is(readFileSync(join(packages, 'mine.py'), 'utf8'), 'value = 42\n');
  });

  test('where the user`s own packages are looked for, by the home', async () => {
    const words = ['-c', 'import site; print(site.USER_BASE, site.USER_SITE)'];
    for (const HOME of ['/', '/nowhere/', '', 'relative']) {
      const env = { PATH: '/usr/bin:/bin', ...environment, HOME };
      const plain = spawnSync(python, words, { cwd: folder, env, encoding: 'utf8' });
      assert.is((await forked({}, words, { environment: { ...environment, HOME }, folder })).stdout, plain.stdout);
    }
    const { HOME: _, ...homeless } = environment;
    const env = { PATH: '/usr/bin:/bin', ...homeless };
    const plain = spawnSync(python, words, { cwd: folder, env, encoding: 'utf8' });
    assert.is((await forked({}, words, { environment: homeless, folder })).stdout, plain.stdout);
  });

  test('afterwards no server is left', async () => {
    const result = await stopServers();
    assert.equal('left' in result && result.left, []);
  });
}

run();
