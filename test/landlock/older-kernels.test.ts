import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { landlockCoverage } from '../../compiler/backends/landlock/coverage.ts';
import { landlockMasks } from '../../compiler/backends/landlock/ruleset.ts';
import { and, attribute, inSet } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Policy } from '../../compiler/ir/policy.ts';
import { fileSystemRights, landlockAbiOfKernel, landlockRight } from '../../compiler/tables/landlock.ts';
import type { Target } from '../../compiler/target.ts';
import { noStaticHelper, staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { buildLauncher } from '../support/launcher.ts';
import {
  architectureOf,
  kernelTarget,
  type MachineKernel,
  noVirtualMachine,
  originOf,
} from '../support/machine-files.ts';
import { allow, decisionOf, deny, pathRule, policyOf } from '../support/policies.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('landlock on older kernels');

/** An attempt of the probe, and the rights that it takes: all have to be granted. */
interface Attempt {
  readonly line: string;
  readonly rights: readonly (readonly [right: string, path: string])[];
}

const folders = ['/t', '/t/a', '/t/a/b', '/t/d'];
const files = folders.map((folder) => `${folder}/file`);
const device = '/dev/random';
const attempts: readonly Attempt[] = [
  ...files.flatMap((path) => [
    { line: `read ${path}`, rights: [['read_file', path] as const] },
    { line: `write ${path}`, rights: [['write_file', path] as const] },
    {
      line: `execute ${path}`,
      rights: [
        ['execute', path],
        ['read_file', path],
      ] as const,
    },
    { line: `truncate ${path}`, rights: [['truncate', path] as const] },
  ]),
  {
    line: `ioctl ${device}`,
    rights: [
      ['read_file', device],
      ['ioctl_dev', device],
    ],
  },
  ...folders.flatMap((path) => [
    { line: `list ${path}`, rights: [['read_dir', path] as const] },
    { line: `make ${path}/made`, rights: [['make_reg', path] as const] },
    { line: `mkdir ${path}/folder`, rights: [['make_dir', path] as const] },
  ]),
  move('/t/a', '/t/d'),
  move('/t/d', '/t/a/b'),
  ...folders.map((path) => ({ line: `remove ${path}/file`, rights: [['remove_file', path] as const] })),
];

function move(from: string, to: string): Attempt {
  const both = [from, to].map((path) => ['refer', path] as const);
  return {
    line: `rename ${from}/moved ${to}/moved-here`,
    rights: [...both, ['remove_file', from], ['make_reg', to]],
  };
}

const rights = fileSystemRights()
  .filter(({ abi }) => abi <= 6)
  .map(({ name }) => name);

/** Rights of few and of all kinds; what starts the probe is granted besides. */
const decisions: fc.Arbitrary<Decision> = fc
  .array(
    fc
      .tuple(fc.constantFrom(...folders, ...files, '/dev'), fc.subarray(rights, { minLength: 1 }))
      .map(([path, granted]) => pathRule(path, granted)),
    { maxLength: 4 },
  )
  .map(decided);

function decided(rules: readonly ReturnType<typeof pathRule>[]): Decision {
  return decisionOf('path', 'union-of-allows', [...rules, pathRule('/bin/probe', ['execute', 'read_file'])], deny);
}

/** What they grant shows each right that an ABI may lack: refused, and for files that may be moved granted. */
const chosen = [
  decided([pathRule('/dev', ['read_file']), pathRule('/t', ['read_file', 'write_file'])]),
  decided([pathRule('/t', ['refer', 'remove_file', 'make_reg', 'truncate'])]),
];

function isAllowed(decision: Decision, right: string, path: string): boolean {
  const values: Readonly<Record<string, string>> = { right, path };
  return decide(decision, { attribute: (name) => values[name], parameter: () => undefined })?.effect.kind === 'allow';
}

/** Whether a right is granted on an ABI: one that it has not is granted everywhere, but for `refer`. */
function isGranted(decision: Decision, abi: number, right: string, path: string): boolean {
  return landlockRight(right)!.abi <= abi ? isAllowed(decision, right, path) : right !== 'refer';
}

/** Nothing may gain rights by a move (landlock(7), LANDLOCK_ACCESS_FS_REFER). */
function gains(decision: Decision, abi: number, [from = '', to = '']: readonly string[]): boolean {
  return fileSystemRights().some(
    ({ name, onFiles, abi: since }) =>
      onFiles && since <= abi && isAllowed(decision, name, to) && !isAllowed(decision, name, from),
  );
}

function passes(decision: Decision, abi: number, { line, rights: needed }: Attempt): boolean {
  const [what = '', ...paths] = line.split(' ');
  return (
    needed.every(([right, path]) => isGranted(decision, abi, right, path)) &&
    (what !== 'rename' || !gains(decision, abi, paths))
  );
}

/**
 * Whether one rule grants all that is asked for at once. Before Linux 5.19 one has to ("landlock: Fix same-layer rule
 * unions"): what needs to be read and executed, and is granted each by another rule, is refused.
 */
function isByOneRule(decision: Decision, abi: number, { rights: needed }: Attempt): boolean {
  return decision.rules.some((rule) =>
    needed.every(([right, path]) => isGranted({ ...decision, rules: [rule] }, abi, right, path)),
  );
}

const tcp = (operation: string, port: bigint) =>
  [
    and(inSet(attribute('protocol'), ['tcp']), inSet(attribute('operation'), [operation]), {
      kind: 'in-ranges',
      term: attribute('port'),
      ranges: [{ low: port, high: port }],
    }),
    allow,
  ] as const;

const sockets = decisionOf('socket', 'deny-overrides', [tcp('bind', 4000n), tcp('connect', 4001n)], deny);
const signals = decisionOf('signal', 'first-match', [], deny);
const outside = policyOf({ decisions: [sockets, signals] });
const outsideAttempts = ['bind 4000', 'bind 4001', 'connect 4001', 'connect 4000', 'signal 1', 'abstract outside'];

const prepare = `mkdir -p /t/a/b /t/d
for d in ${folders.join(' ')}; do cp /bin/quick $d/file; cp /bin/quick $d/moved; done
mv /t /fresh`;

function targetOf(kernel: MachineKernel, abi: number): Target {
  return { ...kernelTarget(kernel), landlock: abi, architectures: [architectureOf(kernel)] };
}

const abiOf = (kernel: MachineKernel) => {
  const { major, minor } = targetOf(kernel, 0).kernel;
  return landlockAbiOfKernel(major, minor);
};

function built(policy: Policy, kernel: MachineKernel, abi = abiOf(kernel)): Uint8Array {
  return readFileSync(buildLauncher(policy, { machine: architectureOf(kernel), target: targetOf(kernel, abi) }));
}

const EACCES = 13;
const EXDEV = 18;
const samples = 20;

async function compareOn(kernel: MachineKernel): Promise<void> {
  const abi = abiOf(kernel);
  const architecture = architectureOf(kernel);
  const all = [...chosen, ...fc.sample(decisions, samples - chosen.length)];
  const policies = all.map((decision) => policyOf({ decisions: [decision] }));
  const text = (lines: readonly string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);
  const content = {
    '/bin/probe': staticHelper('landlock-probe.c', architecture),
    '/bin/quick': staticHelper('ends-at-once.c', architecture),
    '/attempts': text(attempts.map(({ line }) => line)),
    '/outside': text(outsideAttempts),
    '/launch/outside': built(outside, kernel),
    '/launch/newer': built(outside, kernel, 6),
    '/launch/newer-paths': built(policyOf({ decisions: [chosen[0]!] }), kernel, abi + 1),
    ...Object.fromEntries(policies.map((policy, index) => [`/launch/${index}`, built(policy, kernel)])),
  };
  const script = `
echo 'serve outside' | /bin/probe &
while ! grep -q @outside /proc/net/unix; do usleep 10000; done
${prepare}
echo @free; /bin/probe < /outside
echo @outside; /launch/outside /bin/probe < /outside
echo @newer; /launch/newer /bin/probe < /outside; echo $?
echo @newer-paths; /launch/newer-paths /bin/probe < /outside; echo $?
for n in $(seq 0 ${samples - 1}); do
  rm -rf /t; cp -r /fresh /t
  echo @$n; /launch/$n /bin/probe < /attempts
done`;
  const output = await runInMachine({ kernel, content, script });
  const said = new Map(
    output
      .split(/^@/m)
      .slice(1)
      .map((part) => part.trimEnd().split('\n'))
      .map(([name = '', ...lines]) => [name, lines]),
  );
  const lost = new Set<string>();
  let moved = 0;
  all.forEach((decision, index) => {
    const lines = said.get(String(index)) ?? [];
    assert.is(lines.length, attempts.length, output);
    attempts.forEach((attempt, at) => {
      const passed = lines[at] === '0';
      const context = `${kernel}, ${attempt.line}: ${lines[at]} of ${JSON.stringify(decision.rules)}`;
      const isStricter = kernel === '5.15' && !passed && !isByOneRule(decision, abi, attempt);
      if (!isStricter) assert.is(passed, passes(decision, abi, attempt), context);
      if (passed && attempt.line.startsWith('rename')) moved += 1;
      assert.ok(passed || [EACCES, EXDEV].map(String).includes(lines[at]!), context);
      if (!passed) return;
      for (const [right, path] of attempt.rights) if (!isAllowed(decision, right, path)) lost.add(right);
    });
    // What the kernel lets pass against the policy is what coverage says is lost, by name.
    const { otherwise } = decision;
    const masks = landlockMasks(policies[index]!)(abi);
    const answer = landlockCoverage(policies[index]!, masks, [architecture]).find(({ rule }) => rule === otherwise.id)!;
    for (const right of lost) assert.match(answer.lost ?? '', `\`${right}\` needs ABI`);
    if (abi >= 6) assert.is(answer.status, 'full');
  });
  const older = (right: string) => landlockRight(right)!.abi > abi;
  assert.equal([...lost].sort(), ['ioctl_dev', 'truncate'].filter(older));
  assert.is(moved > 0, abi >= 2);

  // Without a sandbox: nobody listens on the ports.
  assert.equal(said.get('free'), ['0', '0', '111', '111', '0', '0'], output);
  const masks = landlockMasks(outside)(abi);
  const answers = new Map(landlockCoverage(outside, masks, [architecture]).map((each) => [each.rule, each]));
  const lostOf = (rule: string) => answers.get(rule)?.lost ?? '';
  const [bind, bindOther, connect, connectOther, signal, abstract] = said.get('outside') ?? [];
  assert.equal([bind, connect], ['0', '111'], output);
  assert.equal([bindOther, connectOther], abi >= 4 ? ['13', '13'] : ['0', '111']);
  if (abi < 4) assert.match(lostOf('socket/otherwise'), `TCP ports: they need ABI 4, the target has ${abi}`);
  assert.equal([signal, abstract], abi >= 6 ? ['1', '1'] : ['0', '0']);
  if (abi >= 6) {
    assert.is(said.get('newer')?.at(-1), '0');
    return;
  }
  assert.match(lostOf('socket/otherwise'), `abstract sockets: the scope needs ABI 6, the target has ${abi}`);
  assert.match(lostOf('signal/otherwise'), `the scope of signals needs ABI 6, the target has ${abi}`);
  // A launcher for a newer kernel than there is starts nothing.
  assert.match(said.get('newer')?.join(' ') ?? '', /^polc launcher: landlock: errno (7|22) \(\w+\) 125$/);
  assert.match(said.get('newer-paths')?.join(' ') ?? '', /^polc launcher: landlock: errno 22 \(EINVAL\) 125$/);
}

const title = 'a kernel refuses what its ABI can, and coverage names the rest';
for (const kernel of ['5.15', '6.1', '6.12', 'aarch64-6.1'] as const) {
  const missing = noVirtualMachine(kernel) ?? noStaticHelper(architectureOf(kernel));
  const name = `${title}: Linux ${kernel}, ABI ${abiOf(kernel)}`;
  if (missing === undefined) test(name, () => compareOn(kernel));
  else skip(name, missing, originOf(kernel));
}

run();
