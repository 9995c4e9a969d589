import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { explainAdaptive } from '../../compiler/explain/adaptive.ts';
import type { Host } from '../../compiler/host.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('explain --adaptive');

function explained(policy: string, host: Host) {
  const compilation = compile('policy.yaml', policy, host, { bundled: false });
  const answer = explainAdaptive(compilation, 'policy.yaml', '', host, defaultTarget);
  assert.ok(answer !== undefined, JSON.stringify(compilation.diagnostics));
  return answer;
}

for (const { name, folder, input, expectReviewed } of fixtureCases('adaptive')) {
  test(name, () => {
    const { lines, mermaid } = explained(input('policy.yaml') ?? '', hostOf(folder));
    expectReviewed('shown.txt', `${lines.join('\n')}\n`);
    expectReviewed('diagram.mmd', `${mermaid}\n`);
  });
}

const order = ['direct', 'sandbox', 'hardened'];
const events = ['network_access', 'file_write_outside_tmp', 'process_spawn', 'privilege_change', 'policy_violation'];

test('a walk over the diagram ends where one over the policy does', () => {
  const level = fc.constantFrom(...order);
  const triggers = fc.uniqueArray(
    fc.record({ event: fc.constantFrom(...events), direction: fc.constantFrom('upgrade', 'downgrade') }),
    { selector: ({ event }) => event, minLength: 1 },
  );
  const host = hostOf('.');
  fc.assert(
    fc.property(level, level, level, triggers, fc.array(fc.constantFrom(...events)), (mode, up, down, given, walk) => {
      const policy = `profile: p\nmode: ${mode}\nsecurity: { level: low }\nadaptive:\n  auto_upgrade: ${up}\n  auto_downgrade: ${down}\n  triggers: [${given
        .map(({ event, direction }) => `{ ${event}: ${direction} }`)
        .join(', ')}]\n`;
      const { mermaid } = explained(policy, host);
      let naive = mode;
      let drawn = /^ {2}\[\*\] --> (\w+)$/m.exec(mermaid)?.[1] ?? '';
      const edges = [...mermaid.matchAll(/^ {2}(\w+) --> (\w+) : (\w+)$/gm)];
      for (const event of walk) {
        const trigger = given.find((each) => each.event === event);
        const to = trigger === undefined ? naive : trigger.direction === 'upgrade' ? up : down;
        if (order.indexOf(to) > order.indexOf(naive)) naive = to;
        drawn = edges.find(([, from, , on]) => from === drawn && on === event)?.[2] ?? drawn;
        assert.is(drawn, naive);
      }
      for (const [, from = '', to = ''] of edges) {
        assert.ok(order.indexOf(to) > order.indexOf(from), mermaid);
        assert.match(mermaid, `note right of ${from} : refuses`);
      }
    }),
    { numRuns: 60 },
  );
});

test('the command line draws, and says what it cannot', () =>
  withProject(({ write, polc }) => {
    const policy =
      'profile: web\nmode: sandbox\nsecurity: { level: low }\nadaptive: { auto_upgrade: hardened, triggers: [{ network_access: upgrade }] }\n';
    write({ 'web.yaml': policy, 'plain.yaml': 'profile: plain\nmode: sandbox\nsecurity: { level: low }\n' });
    const ask = (...words: readonly string[]) => polc(['explain', ...words]);
    const text = ask('web.yaml', '--adaptive');
    assert.is(text.status, 0, text.stderr);
    assert.match(text.stdout, /^web starts in `sandbox`\n {2}`polc run` moves a running program/);
    assert.match(text.stdout, '→ hardened at once, on network_access  web.yaml:4:');
    const diagram = ask('web.yaml', '--adaptive', '--format', 'mermaid');
    assert.match(diagram.stdout, /^stateDiagram-v2\n {2}%% `polc run` moves.*\n {2}\[\*\] --> sandbox\n/);
    const data: unknown = JSON.parse(ask('web.yaml', '--adaptive', '--format', 'json').stdout);
    assert.ok(typeof data === 'object' && data !== null && 'movedBy' in data && data.movedBy === 'polc run');
    assert.match(ask('plain.yaml', '--adaptive').stdout, /^plain starts in `sandbox` and stays there\n/);
    assert.is(ask('web.yaml', '--format', 'mermaid').status, 2);
    assert.is(ask('web.yaml', '--adaptive', '--path', '/etc').status, 2);
  }));

run();
