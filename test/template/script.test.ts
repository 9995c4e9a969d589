// The script of a template, run by bash with commands that only write down how they were called.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import type { Obligation } from '../../compiler/ir/policy.ts';
import { shellWord } from '../../compiler/shell-word.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { filesHost } from '../support/templates.ts';
import { longPatience } from '../support/until.ts';

const { test, run } = suite('template-script');

const commands = [
  'apt-get',
  'dnf',
  'dpkg',
  'curl',
  'useradd',
  'usermod',
  'groupadd',
  'getent',
  'id',
  'systemctl',
  'aws',
  'chown',
];

/** What the template's instances and its builders run. */
function scriptsOf(template: string): { readonly instance: string; readonly image: string } {
  const { lowered, diagnostics } = compile('own.yaml', template, filesHost(new Map()), { emit: ['ir'] });
  const wrong = diagnostics.filter(({ severity, code }) => severity === 'error' && !/^POL6/.test(code));
  assert.equal(wrong, []);
  const of = (kind: Obligation['kind']) => {
    const found = lowered?.obligations.find((each) => each.kind === kind);
    if (found?.kind !== 'start-instance' && found?.kind !== 'build-images') throw new Error(`no ${kind}`);
    return found.script;
  };
  return { instance: of('start-instance'), image: of('build-images') };
}

interface Calls {
  /** Each call in order, the command first. */
  readonly calls: readonly (readonly string[])[];
  readonly status: number | null;
  readonly stderr: string;
}

/** Runs a script with every folder that it writes to below `folder`. */
function runIn(folder: string, script: string): Calls {
  const root = join(folder, 'root');
  const stubs = join(folder, 'stubs');
  for (const path of [
    'stubs',
    'root/opt/conda/bin',
    'root/var/lib',
    'root/etc/systemd/system',
    'root/etc/profile.d',
    'root/usr/local/sbin',
    'root/run',
  ]) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  // What the command that copies would have made.
  writeFileSync(join(root, 'opt/a b'), '');
  const log = join(folder, 'calls');
  rmSync(log, { force: true });
  const stub = join(stubs, 'stub');
  // Nobody knows users and groups, and no unit is there, as on a new machine.
  const text = `#!/bin/bash
printf '%s\\0' "\${0##*/}" "$@" >> ${log}; printf '\\n\\0' >> ${log}
case "\${0##*/} $1" in "id -u"|"getent "*|"systemctl cat") exit 1;; esac
`;
  writeFileSync(stub, text);
  chmodSync(stub, 0o755);
  const paths = [
    ...commands.map((name) => join(stubs, name)),
    join(root, 'opt/conda/bin/conda'),
    join(root, 'opt/conda/bin/pip'),
  ];
  for (const path of paths) if (!existsSync(path)) symlinkSync(stub, path);
  const moved = script.replace(/(?<=^|[\s"'=])\/(opt|etc|var\/lib|usr\/local|run)\//gm, `${root}/$1/`);
  const done = spawnSync('bash', ['--norc', '-c', moved], {
    encoding: 'utf8',
    env: { PATH: `${stubs}:/usr/bin:/bin` },
    timeout: longPatience,
  });
  const calls = existsSync(log)
    ? readFileSync(log, 'utf8')
        .split('\n\0')
        .filter((call) => call !== '')
        .map((call) => call.split('\0').slice(0, -1))
    : [];
  return { calls, status: done.status, stderr: done.stderr };
}

test('any text is one word of a shell', () => {
  const texts = fc.array(
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    { minLength: 30, maxLength: 30 },
  );
  fc.assert(
    fc.property(texts, (words) => {
      const done = spawnSync('bash', ['--norc', '-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], {
        encoding: 'utf8',
      });
      assert.equal(done.stdout.split('\0').slice(0, -1), words);
    }),
    { numRuns: 15 },
  );
});

test('packages, users, files and services come to their commands as they are written', async () => {
  const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+:=<>!,*~-]{0,12}$/);
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/), { minLength: 1, maxLength: 3 });
  // The same name with two versions is one package.
  const packages = fc.uniqueArray(word, {
    minLength: 1,
    maxLength: 4,
    selector: (text) => /^[^=<>!@~]+/.exec(text)?.[0],
  });
  await withFolder((folder) => {
    fc.assert(
      fc.property(
        packages,
        packages,
        names,
        fc.string({ minLength: 1, maxLength: 20 }),
        (system, conda, users, key) => {
          const s3 = `k${key.replace(/[^ -~]/g, '')}`;
          const template = JSON.stringify({
            name: 'own',
            base: 'ubuntu-22.04',
            packages: { system, conda, pip: ['streamlit'] },
            users: users.map((name) => ({ name, groups: ['sudo', 'docker'] })),
            files: [{ s3_bucket: 'data', s3_key: s3, destination_path: '/opt/a b', required: false }],
            services: [{ name: 'jupyter', enable: true }],
          });
          const { calls, status, stderr } = runIn(folder, scriptsOf(template).instance);
          assert.is(status, 0, stderr);
          const argumentsOf = (...begin: string[]) =>
            calls
              .filter((call) => begin.every((each, at) => call[at] === each))
              .map((call) => call.slice(begin.length));
          const apt = argumentsOf('apt-get', '-o', 'DPkg::Lock::Timeout=600', 'install', '--yes');
          assert.equal(apt, [[...new Set([...system, 'curl', 'unzip'])]]);
          const channel = ['--yes', '--override-channels', '--channel', 'conda-forge'];
          assert.equal(argumentsOf('conda', 'install', ...channel), [conda]);
          assert.equal(argumentsOf('pip', 'install'), [['streamlit']]);
          assert.equal(argumentsOf('groupadd', '--system'), [['sudo'], ['docker']]);
          assert.equal(
            argumentsOf('useradd', '--create-home', '--shell', '/bin/bash'),
            users.map((name) => [name]),
          );
          assert.equal(
            argumentsOf('usermod', '--append', '--groups', 'sudo,docker'),
            users.map((name) => [name]),
          );
          assert.equal(argumentsOf('aws', 's3', 'cp', '--only-show-errors')[0]?.[0], `s3://data/${s3}`);
          assert.equal(argumentsOf('systemctl', 'cat'), [['jupyter.service']]);
          assert.match(stderr, 'there is no unit jupyter.service to start');
        },
      ),
      { numRuns: 15 },
    );
  });
});

test("the author's scripts run as they are written, whatever is in them", async () => {
  const lines = fc.array(
    fc.oneof(fc.constantFrom('END', 'END_', "it's", '"', '$HOME', '`id`', '\\', '#!', '{{.Names}}'), fc.string()),
    { maxLength: 6 },
  );
  await withFolder((folder) => {
    fc.assert(
      fc.property(lines, (written) => {
        // Printable, since YAML has no other characters unescaped and bash drops NUL.
        const text = written.map((line) => line.replace(/[^ -~]/g, '')).join('\n');
        const script = `#!/bin/cat\n${text}\n`;
        const template = JSON.stringify({ name: 'own', base: 'rocky-9', post_install: script });
        const { status, stderr } = runIn(folder, scriptsOf(template).instance);
        assert.is(status, 0, stderr);
        assert.is(readFileSync(join(folder, 'root/var/lib/polc/1-post_install'), 'utf8'), script);
      }),
      { numRuns: 25 },
    );
  });
});

test('what is inherited runs first, a builder runs its own script last, and the first failure ends it', async () => {
  const files = new Map([
    ['base.yaml', 'name: base\nbase: debian-12\npost_install: echo base\nuser_data: echo base-data\n'],
    [
      'own.yaml',
      `name: own
inherits: [base]
post_install: echo own
compile_to_ami: { enabled: true, regions: [us-east-1], architectures: [arm64], custom_script: "false" }
`,
    ],
  ]);
  const { lowered } = compile('own.yaml', files.get('own.yaml') ?? '', filesHost(files), { emit: ['ir'] });
  const images = lowered?.obligations.find((each) => each.kind === 'build-images');
  if (images?.kind !== 'build-images') throw new Error('nothing is built');
  const order = [...images.script.matchAll(/^echo (\S+)|^false$/gm)].map(([whole, word]) => word ?? whole);
  assert.equal(order, ['base', 'own', 'base-data', 'false']);
  await withFolder((folder) => {
    assert.is(runIn(folder, `${images.script}\necho after >&2`).stderr, '');
    assert.is(runIn(folder, images.script).status, 1);
  });
});

test('a machine that nobody uses stops, and one that is used does not', async () => {
  const template =
    'name: own\nbase: ubuntu-24.04\nidle_detection: { enabled: true, hibernate_threshold_minutes: 30 }\n';
  const { instance, image } = scriptsOf(template);
  assert.match(instance, /^systemctl enable --now polc-idle\.timer$/m);
  assert.match(image, /^systemctl enable polc-idle\.timer$/m);
  await withFolder((folder) => {
    assert.is(runIn(folder, instance).status, 0);
    const check = join(folder, 'root/usr/local/sbin/polc-idle');
    const since = join(folder, 'root/run/polc-idle-since');
    const stubs = join(folder, 'stubs');
    const look = (who: string, idleSince: string | undefined) => {
      writeFileSync(join(stubs, 'who'), `#!/bin/sh\nprintf '${who}'\n`, { mode: 0o755 });
      writeFileSync(join(stubs, 'awk'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      rmSync(since, { force: true });
      if (idleSince !== undefined) writeFileSync(since, idleSince);
      rmSync(join(folder, 'calls'), { force: true });
      const text = readFileSync(check, 'utf8').replace('/proc/uptime', join(folder, 'uptime'));
      writeFileSync(join(folder, 'uptime'), '10000.00 1.0\n');
      const done = spawnSync('bash', ['--norc', '-c', text], {
        encoding: 'utf8',
        env: { PATH: `${stubs}:/usr/bin:/bin` },
      });
      assert.is(done.status, 0, done.stderr);
      return existsSync(join(folder, 'calls'));
    };
    assert.is(look('', undefined), false, 'idle for the first time');
    assert.is(readFileSync(since, 'utf8'), '10000\n');
    assert.is(look('', '8201'), false, 'idle for a second less than 30 minutes');
    assert.is(look('', '8200'), true, 'idle for 30 minutes');
    assert.is(look('ada pts/0', '8200'), false, 'somebody is there');
    assert.is(existsSync(since), false);
  });
});

run();
