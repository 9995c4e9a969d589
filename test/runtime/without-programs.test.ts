import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { unifiedMount } from '../../runtime/hook-programs/program-group.ts';
import { lacks } from '../../runtime/hook-programs/support.ts';
import { thisMachine } from '../../runtime/kernel/machine-facts.ts';
import { suite } from '../support/harness.ts';
import { type ProjectFolder, polcScript, withProject } from '../support/polc-process.ts';

const { test, skip, run } = suite('what is lost without programs of the kernel');

/** Who becomes another runs a copy of polc, which has no packages beside it. */
const env = { NODE_PATH: join(polcScript, '../../node_modules') };

/** Runs a policy that is refused, and again with what the refusal says can be accepted; gives the losses. */
function acceptWhatIsSaid(
  { polc, write }: ProjectFolder,
  policy: string,
  words: readonly string[],
  prefix: readonly string[],
): readonly string[] {
  const go = (text: string) => {
    write({ 'p.yaml': text });
    return polc(['run', ...words, 'p.yaml', '--', 'echo', 'started'], { prefix, env });
  };
  const refused = go(policy);
  assert.equal([refused.status, refused.stdout], [125, ''], refused.stderr);
  const line = /`(accept: \[.*\])` in the policy/.exec(refused.stderr)?.[1];
  assert.ok(line !== undefined, refused.stderr);
  const accepted = go(`${policy}${line.replaceAll('REASON', 'the test says so')}\n`);
  assert.equal([accepted.status, accepted.stdout], [0, 'started\n'], accepted.stderr);
  assert.not.match(accepted.stderr, 'POL6005');
  return [...line.matchAll(/loss: "?([^",]+)/g)].map((each) => each[1]!);
}

const adaptive = 'profile: p\nmode: sandbox\nadaptive:\n  auto_upgrade: hardened\n  triggers:\n';
const trigger = (event: string) => `    - ${event}: upgrade\n`;
const written = 'file_write_outside_tmp';
const root = process.platform === 'linux' && process.getuid?.() === 0;
const pasted = 'who accepts what a kernel that takes no programs is said to lose has the program started';
if (!root) skip(pasted, 'only root has the capabilities that are taken away here');
else {
  test(pasted, () =>
    withProject((project) => {
      const prefix = ['setpriv', '--bounding-set', '-bpf,-perfmon,-sys_admin'];
      const alone = acceptWhatIsSaid(project, `${adaptive}${trigger(written)}`, [], prefix);
      assert.is(alone[0], `adaptive.triggers.${written}`);
      assert.ok(
        alone.length > 1 && alone.slice(1).every((name) => name.startsWith('adaptive.hardened.')),
        alone.join(),
      );
      const both = `${adaptive}${trigger(written)}${trigger('network_access')}`;
      assert.equal(acceptWhatIsSaid(project, both, [], prefix), [`adaptive.triggers.${written}`]);
      // As `polc check` names it for a kernel for which no programs are written.
      project.write({ 'ssh.bpf': 'hook file_open\n  deny when path beneath "/etc/ssh"\n' });
      const hooks = 'profile: p\nmode: sandbox\nsecurity: { bpf_lsm: { file_open: ssh.bpf } }\n';
      assert.equal(acceptWhatIsSaid(project, hooks, [], prefix), ['bpf_lsm']);
    }),
  );
}

const ungrouped = 'without a control group for programs what these alone hold is not let go by --no-cgroup';
const [lack] = root && unifiedMount() !== undefined ? lacks(thisMachine(), { hooks: false, sockets: true }) : [];
if (!root || unifiedMount() === undefined) skip(ungrouped, 'it needs root and control groups of version 2');
else if (lack !== undefined) skip(ungrouped, lack.what);
else {
  test(ungrouped, () =>
    withProject((project) => {
      project.write({ 'polc.config.yaml': 'target: { bpf-lsm: true }\n' });
      const readOnly =
        'for at in $(awk "\\$3 ~ /^cgroup/ { print \\$2 }" /proc/mounts); do mount -o remount,bind,ro $at || exit 99; done; exec "$@"';
      const prefix = ['unshare', '--mount', 'sh', '-c', readOnly, 'sh'];
      const policy =
        'profile: p\nmode: sandbox\nnetwork: { mode: host, outbound: ["127.0.0.0/30:9", "192.0.2.0/24"] }\nresources: { pids: 50 }\n';
      const lost = acceptWhatIsSaid(project, policy, ['--no-cgroup'], prefix);
      assert.equal(lost, ['outbound[0]', 'outbound[1]', 'mode']);
    }),
  );
}

run();
