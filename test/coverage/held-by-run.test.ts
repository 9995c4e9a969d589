import * as assert from 'uvu/assert';
import type { Compilation } from '../../compiler/compile.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { compileText } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('what polc run holds and a built launcher does not');

/** `code severity message` of what is said of coverage, in the order of the codes. */
function coverageFindings({ diagnostics }: Compilation): readonly string[] {
  return diagnostics
    .filter(({ code }) => code.startsWith('POL60'))
    .map(({ code, severity, message }) => `${code} ${severity} ${message}`)
    .sort();
}

const settings = {
  zygote: 'zygote: true',
  memory_allocator: 'memory_allocator: jemalloc',
  prefetch: 'prefetch: [python]',
  cpu_affinity: 'cpu_affinity: numa-aware',
};
const filter = 'security: { seccomp: { default: allow, deny: [sched_setaffinity] } }\n';

for (const [name, setting] of Object.entries(settings)) {
  test(`${name} is a hint, which nobody sees who accepts its loss`, () => {
    const hint = `POL6057 hint only \`polc run\` does \`performance.${name}\`; a launcher that is built does without`;
    const policy = `${filter}performance: { ${setting} }\n`;
    const plain = compileText(policy);
    assert.ok(plain.ok);
    assert.equal(coverageFindings(plain), [hint]);
    const accepted = compileText(`${policy}accept: [{ loss: ${name}, because: x }]\n`);
    assert.equal(coverageFindings(accepted), []);
    const guest = compileText(`runtime: wasm\nperformance: { ${setting} }\n`);
    assert.not.ok(guest.ok);
    assert.equal(coverageFindings(guest), [
      `POL6001 error \`performance.${name}\` is enforced by no backend on this target`,
    ]);
  });
}

test('of several the hint names those whose loss nobody accepts', () => {
  const policy = `${filter}performance: { zygote: true, prefetch: [python] }\naccept: [{ loss: zygote, because: x }]\n`;
  assert.equal(coverageFindings(compileText(policy)), [
    'POL6057 hint only `polc run` does `performance.prefetch`; a launcher that is built does without',
  ]);
});

test('processors that the program may change are lost in part, wherever they are chosen', () => {
  const findings = coverageFindings(compileText(`performance: { ${settings.cpu_affinity} }\n`));
  assert.equal(
    findings.map((finding) => finding.slice(0, 7)),
    ['POL6004', 'POL6057'],
  );
});

const open = 'security: { seccomp: { default: allow, deny: [ptrace] } }\n';
const moving = (to: string, trigger: string) =>
  `adaptive: { auto_upgrade: ${to}, triggers: [{ ${trigger}: upgrade }] }\n`;

test('levels are hinted at by one finding, and may be accepted', () => {
  const policy = `${open}${moving('hardened', 'network_access')}`;
  const hint = 'POL6056 hint only `polc run` moves the program out of `sandbox`; a launcher that is built stays there';
  assert.equal(coverageFindings(compileText(policy)), [hint]);
  assert.equal(coverageFindings(compileText(`${policy}accept: [{ loss: adaptive, because: x }]\n`)), []);
});

test('a trigger that moves to where the program is says so, and nothing of other deployments', () => {
  const { ok, diagnostics } = compileText(`${open}${moving('sandbox', 'network_access')}`);
  assert.ok(ok);
  assert.equal(
    diagnostics.map(({ code, message }) => `${code} ${message}`),
    ['POL5058 `network_access` moves nothing: the program is in `sandbox` from its start'],
  );
});

test('what no event can fire is not held in part besides, and help is that of the trigger', () => {
  const helpOf = (text: string, landlock = 6) => {
    const { diagnostics } = compileText(text, { target: { ...defaultTarget, landlock } });
    assert.not.ok(diagnostics.some(({ code, message }) => code === 'POL6004' && message.includes('adaptive')));
    return diagnostics.find(({ code }) => code === 'POL5028')?.help;
  };
  const violation = moving('hardened', 'policy_violation');
  const paths = `security: { landlock: { paths: [{ path: /usr, access: execute }] } }\n${violation}`;
  assert.match(helpOf(paths) ?? '', /an errno other than ENOSYS, or with `audit` in a hook program, .*landlock=7`$/);
  const killing = (allow: string) => `security: { seccomp: { default: kill, allow: ["@basic-start"${allow}] } }\n`;
  assert.match(helpOf(`${killing('')}${violation}`) ?? '', /^refuse something by an errno .*, or remove the trigger$/);
  const access = moving('hardened', 'network_access');
  assert.match(
    helpOf(`${killing('')}${access}`) ?? '',
    /let some of the calls pass that it waits for, such as `socket`$/,
  );
  assert.is(helpOf(`${killing(', socket')}${access}`), undefined);
  // From ABI 7 on the kernel tells, though not of everything.
  const told = compileText(paths, { target: { ...defaultTarget, landlock: 7 } });
  assert.ok(told.diagnostics.some(({ code, message }) => code === 'POL6004' && message.includes('policy_violation')));
});

test('what nothing can hold is not looked for elsewhere', () => {
  const helps = (text: string) =>
    compileText(text).diagnostics.flatMap(({ code, help }) => (code === 'POL6001' ? help : []));
  const down = 'adaptive: { auto_downgrade: direct, triggers: [{ process_spawn: downgrade }] }\n';
  assert.equal(helps(`${open}${down}`), [
    'no target and no backend can enforce it: remove the trigger, or accept the loss with `accept: [{ loss: adaptive.triggers.process_spawn, because: REASON }]`',
  ]);
});

if (process.platform !== 'linux') skip('check and run', 'it needs Linux');
else {
  test('polc run neither asks for an acceptance nor calls one unused that check uses', () =>
    withProject(({ polc, write }) => {
      const both = 'performance: { zygote: true, prefetch: [program] }\n';
      const accepting =
        'accept: [{ loss: zygote, because: x }, { loss: prefetch, because: x }, { loss: disk, because: x }]\n';
      for (const more of ['', accepting]) {
        write({ 'p.yaml': `profile: p\nmode: sandbox\n${both}${more}` });
        const checked = polc(['check', 'p.yaml']);
        assert.is(checked.status, 0, checked.stderr);
        const found = [...checked.stderr.matchAll(/POL\d+/g)].map(([code]) => code);
        assert.equal(found, more === '' ? ['POL6057', 'POL5029'] : ['POL5029', 'POL6005']);
        const ran = polc(['run', 'p.yaml', '--', '/bin/true']);
        assert.is(ran.status, 0, ran.stderr);
        assert.not.match(ran.stderr, 'POL');
      }
      // A comment that allows what check says is not in vain where run says nothing.
      const allowed = '# polc: allow POL5029, POL6057 because x';
      write({ 'p.yaml': `profile: p\nmode: sandbox\nperformance:\n  zygote: true ${allowed}\n` });
      assert.is(polc(['check', 'p.yaml']).stderr, '');
      assert.not.match(polc(['run', 'p.yaml', '--', '/bin/true']).stderr, 'POL');
    }));
}

run();
