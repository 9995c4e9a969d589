import * as assert from 'uvu/assert';
import { staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { noVirtualMachine, originOf } from '../support/machine-files.ts';
import { polcMachine } from '../support/polc-machine.ts';

const { test, skip, run } = suite('refusals of Landlock in a machine');

const text = (value: string) => new TextEncoder().encode(value);
const policy = (name: string, rest = '') => `profile: ${name}
mode: sandbox
security:
  seccomp: { default: allow }
  landlock: { paths: [{ path: /bin, access: [read_file, execute] }, { path: /w, access: [read_file, write_file, make_reg] }] }
${rest}adaptive:
  auto_upgrade: hardened
  triggers: [{ policy_violation: upgrade }]
accept: [{ loss: adaptive.triggers.policy_violation, because: records come after the call }]
`;

const title = 'a kernel that audits tells what Landlock refuses the program, and nobody else moves it';
const missing = noVirtualMachine('7.0');
if (missing !== undefined) skip(title, missing, originOf('7.0'));
else {
  test(title, async () => {
    const machine = polcMachine({
      kernel: '7.0',
      files: {
        '/bin/probe': staticHelper('level-probe.c'),
        '/bin/auditing': staticHelper('audit-switch.c'),
        '/w/p.yaml': text(policy('told')),
        '/w/q.yaml': text(policy('timed', 'resources: { timeout: 100s }\n')),
      },
      // The second program is refused something while the first waits, and moves itself alone.
      parts: {
        told: `mkdir /t; mkfifo /tmp/go
polc doctor | grep audit
polc run p.yaml -- probe open /t/a personality 2>&1 | grep -e open -e personality -e 'auditing is off'
auditing 1; polc doctor | grep audit
(echo; polc run -q --events /tmp/other p.yaml -- probe open "/t/a b" refused > /tmp/said; echo) > /tmp/go &
polc run -q --events /tmp/events p.yaml -- probe personality line line personality open /t/a refused < /tmp/go > /tmp/says; wait
polc run -q --events /tmp/timed q.yaml -- probe fork open /t/a after refused > /tmp/time
cd /tmp; cat said says time | sed 's/ [0-9].* / /'; cat other events timed`,
      },
      megabytes: 1600,
    });
    const output = await machine('told');
    const lines = output.trim().split('\n');
    assert.equal(
      lines.filter((line) => !line.startsWith('{')),
      [
        '✘ audit             none (auditing is off on this machine)',
        'polc run: what Landlock refuses fires no `policy_violation`: auditing is off on this machine',
        'open -1 EACCES',
        'personality done',
        '✔ audit             tells what Landlock refuses',
        'open -1 EACCES',
        'refused EPERM',
        'personality done',
        'personality done',
        'open -1 EACCES',
        'refused EPERM',
        'open -1 EACCES',
        'refused EPERM',
      ],
      output,
    );
    const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    assert.equal(
      events.map(({ policy, event, trigger, syscall, by, lacking, path, command }) =>
        [policy, event, trigger ?? by, syscall ?? lacking?.join() ?? '', path, command].join(' ').trim(),
      ),
      ['told', 'told', 'timed'].flatMap((name) => [
        `${name} level policy_violation`,
        `${name} refusal landlock fs.make_reg /t probe`,
      ]),
      output,
    );
    const [other, , own] = events.map(({ time }) => Date.parse(time));
    assert.ok(own! > other!, output);
  });
}

run();
