import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal, is, ok } from 'uvu/assert';
import { type Call, hardened, moduleOf, policyOf, type Ran, transfer } from '../support/guest.ts';
import { allowedCalls, attacks, tookSomething } from '../support/guest-attacks.ts';
import { inWorld, policyIn, secret, type World } from '../support/guest-world.ts';
import { suite } from '../support/harness.ts';
import { noWasmEdge } from '../support/wasmedge.ts';
import { commandText, runInWasmEdge } from '../support/wasmedge-guest.ts';

/** Hardened guests with folders in WasmEdge, which calls folders, and numbers descriptors, as no other engine does. */
const { test, skip, run } = suite('guest wasmedge');

type Folders = Readonly<Record<string, string>>;

/** The names as `polc build` has them for WasmEdge, so that it leaves nothing out. */
const behindDot = (folders: Folders): Folders =>
  Object.fromEntries(Object.entries(folders).map(([name, at]) => [name.startsWith('/') ? `.${name}` : name, at]));

/** Runs calls in WasmEdge: hardened by a policy, or as they are without one. */
function ranIn(
  { root }: World,
  calls: readonly Call[],
  folders: Folders,
  policy?: ReturnType<typeof policyOf>,
  meanwhile?: (root: string) => void,
): Promise<Ran> {
  const module = async (names: readonly string[]) => {
    const plain = await moduleOf(commandText(calls, names));
    return policy === undefined ? plain : hardened(plain, policy);
  };
  return runInWasmEdge(module, calls, root, folders, () => meanwhile?.(root));
}

const reading = (path: string): readonly Call[] => [
  ['path_open', 3, 0, path, 0, 1n << 1n, 0n, 0, { out: 0 }],
  ['fd_read', { from: 0 }, ...transfer],
];
const paths = (...lines: readonly string[]) => policyOf(`security: { landlock: { paths: [ ${lines.join(', ')} ] } }`);

const reason = noWasmEdge();
if (reason !== undefined) {
  skip('a hardened guest has its folders in WasmEdge', reason, 'elsewhere');
} else {
  for (const attack of attacks) {
    const attempt = (guarded: boolean, judge: (took: boolean, ran: Ran) => void) =>
      inWorld(async (world) => {
        const { root } = world;
        const folders = behindDot(attack.preopens?.(root) ?? world.preopens);
        const policy = guarded ? policyIn(root) : undefined;
        const ran = await ranIn(world, attack.calls(root), folders, policy, attack.meanwhile);
        judge(tookSomething(attack, ran, root), ran);
      });
    test(attack.name, async () => {
      await attempt(true, (taken, { errors }) => is(taken, false, `the hardened guest was not held: ${errors}`));
      if (attack.inWasmEdge)
        await attempt(false, (taken, { errors }) => ok(taken, `the attack is none in WasmEdge: ${errors}`));
    });
  }

  test('what the policy allows is done as without the guard', () =>
    inWorld(async (world) => {
      const folders = behindDot(world.preopens);
      const safe = await ranIn(world, allowedCalls, folders, policyIn(world.root));
      const plain = await ranIn(world, allowedCalls, folders);
      equal(safe.errors, plain.errors);
      equal(plain.errors.slice(0, -1), Array(allowedCalls.length - 1).fill(0));
      is(safe.text, plain.text);
      is(existsSync(join(world.root, 'rw/newer')), false);
    }));

  test('as many descriptors are open at once as the policy says, and closing one makes room, whatever their numbers', () =>
    inWorld(async (world) => {
      const open = (out: number): Call => ['path_open', 3, 0, 'mine', 0, 1n << 1n, 0n, 0, { out }];
      const close = (from: number): Call => ['fd_close', { from }];
      // Two folders and three streams are open.
      const many = Array.from({ length: 64 - 5 }, (_, at) => open(at));
      const round = Array.from({ length: 70 }, (): readonly Call[] => [close(3), open(3)]).flat();
      const calls = [
        ...many,
        open(90),
        ...round,
        close(3),
        close(3),
        open(3),
        ['fd_read', { from: 3 }, ...transfer],
      ] as const;
      const { errors, text } = await ranIn(world, calls, behindDot(world.preopens), policyIn(world.root));
      equal(errors.slice(0, 60), [...Array(59).fill(0), 33]);
      equal(errors.slice(60, -4), Array(140).fill(0));
      equal([...errors.slice(-4), text], [0, 8, 0, 0, 'mine']);
    }));

  test('a folder without its `/` is that of the policy where all beneath the first component have its rights', () =>
    inWorld(async (world) => {
      const { root } = world;
      const mine = reading('mine');
      const whole = paths('{ path: /srv, access: read-only }');
      const apart = paths('{ path: /srv, access: read-only }', '{ path: /srv/.private, access: none }');
      const deep = paths('{ path: /srv/ada, access: read-only }');
      const read = async (folders: Folders, policy: ReturnType<typeof policyOf>) =>
        (await ranIn(world, mine, folders, policy)).text;
      is(await read({ '/srv': join(root, 'rw') }, whole), 'mine');
      is(await read({ '/srv/ada/': join(root, 'rw') }, whole), 'mine');
      is(await read({ '/srv/ada/': join(root, 'rw') }, deep), '');
      is(await read({ './srv/ada': join(root, 'rw') }, deep), 'mine');
      is(await read({ './srv': join(root, 'rw') }, apart), 'mine');
      is(await read({ '.': join(root, 'rw') }, paths('{ path: /, access: read-only }')), '');
    }));

  test('WasmEdge leaves parts of names out, and a guest takes nothing by the names that are left', () =>
    inWorld(async (world) => {
      const { root } = world;
      const outside = join(root, 'outside');
      const key = reading('key');
      const apart = paths('{ path: /srv, access: read-only }', '{ path: /srv/.private, access: none }');
      const ada = paths('{ path: /srv/ada, access: read-only }');
      const whole = paths('{ path: /srv, access: read-only }');
      for (const [name, policy] of [
        ['/srv/.private', apart],
        ['./srv/.private', apart],
        ['/srv/.old/ada', ada],
        ['./srv/.old/ada', ada],
      ] as const) {
        is((await ranIn(world, key, { [name]: outside }, policy)).text, '', name);
        is((await ranIn(world, key, { [name]: outside })).text, secret, name);
      }
      // Both are called `srv`: which is which nobody knows.
      const both = { '/srv': join(root, 'rw'), '/srv/.private': outside };
      for (const path of ['mine', 'key']) is((await ranIn(world, reading(path), both, whole)).text, '', path);
      is(readFileSync(join(outside, 'key'), 'utf8'), secret);
    }));
}

run();
