import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type ApplyOutcome, applyTenancy, cutOff, restoreTenancy } from '../../runtime/tenancy/apply.ts';
import type { Tenancy } from '../../runtime/tenancy/desired.ts';
import { journalPath } from '../../runtime/tenancy/journal.ts';
import type { Cluster } from '../../runtime/tenancy/port.ts';
import type { TenancyWorld } from '../../runtime/tenancy/world.ts';
import { impatientWhere, Killed, type Strike, struckCluster } from '../support/crashing-cluster.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { enforced, partlyEnforced } from '../support/kubernetes/controller.ts';
import type { FaultyAnswer } from '../support/kubernetes/faults.ts';
import { type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';
import { connectTo, gatewayPolicy, namespaces, stateOf, tenancyFrom, worldOf } from '../support/tenancy-world.ts';

const { test, run } = suite('tenancies and faults');

const options = { timeout: 2000, force: false, dryRun: false };

/** One object goes, and two change. */
const before = gatewayPolicy;
const after = gatewayPolicy
  .replace(', burst_limit: 10', '')
  .replace('token_limit_per_hour: 5000 }', 'token_limit_per_hour: 6000 }\n  gold: { token_limit_per_hour: 9000 }');

const messages = ({ diagnostics }: ApplyOutcome) =>
  diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');

/** A server whose policies are put to what they were before each run. */
async function inTurns(
  kubernetes: (turn: {
    readonly server: KubernetesServer;
    readonly world: ReturnType<typeof worldOf>;
    /** A client that does not wait long for an answer. */
    readonly impatient: Cluster;
    readonly folder: string;
    /** The state with the old policy, and that with the new one. */
    readonly states: readonly [old: string, new_: string];
    /** Takes the cluster back to the old one, or to nothing. */
    reset(): Promise<void>;
  }) => Promise<void>,
  from: Tenancy | undefined,
  to: Tenancy,
): Promise<void> {
  await withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withFolder(async (folder) => {
      const cluster = await connectTo(server.kubeconfigPath, { attempts: 2 });
      const world = worldOf(cluster, folder);
      const impatient = await connectTo(server.kubeconfigPath, { timeout: 400, attempts: 2 });
      const reset = async () => {
        server.fault = () => undefined;
        server.controller = () => enforced();
        const outcome =
          from === undefined
            ? await deleteAll(server, world, to)
            : await applyTenancy(from, { ...options, force: true }, worldOf(cluster, `${folder}`));
        if (outcome !== undefined && outcome.result !== 'applied' && outcome.result !== 'unchanged') {
          throw new Error(messages(outcome));
        }
      };
      await reset();
      const old = stateOf(server);
      const applied = await applyTenancy(to, options, world);
      assert.is(applied.result, 'applied', messages(applied));
      const states = [old, stateOf(server)] as const;
      assert.not.equal(states[0], states[1]);
      await reset();
      assert.is(stateOf(server), old, 'going back gives the old state');
      await kubernetes({ server, world, impatient, folder, states, reset });
    }),
  );
}

async function deleteAll(server: KubernetesServer, world: TenancyWorld, tenancy: Tenancy): Promise<undefined> {
  const { deleteTenancy } = await import('../../runtime/tenancy/delete.ts');
  const gone = await deleteTenancy(tenancy, { dryRun: false }, world);
  assert.ok(gone.complete);
  assert.is(stateOf(server), '[]');
}

const answers: readonly FaultyAnswer['answer'][] = [401, 403, 409, 410, 413, 429, 500, 'hang', 'close'];

for (const [what, from, to] of [
  ['an update', tenancyFrom(before), tenancyFrom(after)],
  ['a first apply', undefined, tenancyFrom(before)],
] as const) {
  test(`${what} with one call that fails, whichever and however, ends in the old or the new state`, () =>
    inTurns(
      async ({ server, world, impatient, states, reset }) => {
        const start = server.calls.length;
        await applyTenancy(to, options, world);
        const calls = server.calls.length - start;
        let failures = 0;
        for (let at = 0; at < calls; at += 1) {
          // Every kind of answer at some call, and every call with one or two: all pairs would take a minute.
          for (const answer of answers.filter((_, index) => (index + at) % 5 === 0)) {
            await reset();
            const first = server.calls.length;
            const when = (at + answers.indexOf(answer)) % 2 === 0 ? 'before' : 'after';
            // The call and what is tried again for it: three in a row, so that it fails for good.
            const isStruck = (index: number) => index >= first + at && index < first + at + 2;
            server.fault = ({ index }) => (isStruck(index) ? { when, answer, retryAfterSeconds: 0 } : undefined);
            const isHopeless = () => answer === 'hang' && isStruck(server.calls.length);
            const cluster = impatientWhere(isHopeless, world.cluster, impatient);
            const outcome = await applyTenancy(to, options, { ...world, cluster });
            server.fault = () => undefined;
            const now = stateOf(server);
            const label = `call ${at}, ${answer} ${when}: ${outcome.result} ${messages(outcome)}`;
            if (outcome.result === 'applied' || outcome.result === 'unchanged') assert.is(now, states[1], label);
            else if (outcome.result === 'incomplete') {
              assert.is((await restoreTenancy(to.policy, world)).result, 'restored', label);
              assert.is(stateOf(server), states[0], label);
            } else {
              assert.is(now, states[0], label);
              failures += 1;
            }
          }
        }
        assert.ok(failures > calls / 2, 'most of the faults are failures');
      },
      from,
      to,
    ));

  test(`${what} that is killed at any change is finished by the next run, or taken back`, () =>
    inTurns(
      async ({ server, world, states, reset }) => {
        const counted = struckCluster(world.cluster, () => 'none');
        await applyTenancy(to, options, { ...world, cluster: counted });
        const number = counted.changingCalls();
        assert.ok(number >= 3);
        for (let at = 0; at < number; at += 1) {
          for (const how of ['die before', 'die after'] as const) {
            for (const next of ['apply', 'restore', 'fail'] as const) {
              if (how === 'die before' && next === 'restore') continue;
              await reset();
              await killed(to, world, (index) => (index === at ? how : 'none'));
              const label = `killed at ${at} (${how}), then ${next}`;
              if (next === 'apply') {
                assert.is((await applyTenancy(to, options, world)).result, 'applied', label);
                assert.is(stateOf(server), states[1], label);
              } else if (next === 'restore') {
                assert.is((await restoreTenancy(to.policy, world)).result, 'restored', label);
                assert.is(stateOf(server), states[0], label);
              } else {
                // The next run fails too: it knows what was before the first.
                server.controller = (object) =>
                  from === undefined || JSON.stringify(object.spec).includes('gold') ? partlyEnforced() : enforced();
                const outcome = await applyTenancy(to, options, world);
                if (outcome.result === 'applied') assert.is(stateOf(server), states[1], label);
                else assert.equal([outcome.result, stateOf(server)], ['restored', states[0]], label);
              }
            }
          }
        }
      },
      from,
      to,
    ));
}

test('a run that is killed while it puts back is put back by the next, which then applies', () =>
  inTurns(
    async ({ server, world, states, reset }) => {
      for (let at = 3; at < 6; at += 1) {
        await reset();
        server.controller = (object) => (JSON.stringify(object.spec).includes('gold') ? partlyEnforced() : enforced());
        await killed(tenancyFrom(after), world, (index) => (index === at ? 'die after' : 'none'));
        server.controller = () => enforced();
        const outcome = await applyTenancy(tenancyFrom(after), options, world);
        assert.is(outcome.result, 'applied', messages(outcome));
        assert.is(stateOf(server), states[1]);
      }
    },
    tenancyFrom(before),
    tenancyFrom(after),
  ));

test('a journal that cannot be kept keeps a run from changing anything, and one that is no journal is said', () =>
  inTurns(
    async ({ server, world, folder, states, reset }) => {
      await reset();
      const none = { ...world, journals: join(folder, 'none') };
      const unheld = await applyTenancy(tenancyFrom(after), options, none);
      assert.is(unheld.result, 'refused');
      assert.match(messages(unheld), /^POL8126 the journal `.*` cannot be used: ENOENT$/);
      const path = journalPath(folder, 'platform', world.cluster.server);
      writeFileSync(path, '{"version":2}');
      const unread = await applyTenancy(tenancyFrom(after), options, world);
      assert.match(messages(unread), /^POL8126 .*no journal of this version/);
      assert.match(cutOff('platform', world)[0]?.message ?? '', /no journal of this version/);
      assert.is(stateOf(server), states[0]);
      rmSync(path);
    },
    tenancyFrom(before),
    tenancyFrom(after),
  ));

test('a run that finds half of another and may not go on says so', () =>
  inTurns(
    async ({ server, world, states, reset }) => {
      await reset();
      await killed(tenancyFrom(after), world, (index) => (index === 1 ? 'die after' : 'none'));
      server.fault = ({ method }) => (method === 'GET' ? undefined : { when: 'before', answer: 403 });
      const refused = await applyTenancy(tenancyFrom(after), options, world);
      assert.match(messages(refused), /^POL8120 .*\nPOL8128 an apply of `platform` was cut off at 2026-/);
      server.fault = () => undefined;
      assert.is((await applyTenancy(tenancyFrom(after), options, world)).result, 'applied');
      assert.is(stateOf(server), states[1]);
    },
    tenancyFrom(before),
    tenancyFrom(after),
  ));

test('what cannot be put back is said, and the next run goes on with it', () =>
  inTurns(
    async ({ server, world, states, reset }) => {
      await reset();
      const cluster = struckCluster(world.cluster, (index) => (index >= 1 ? 'fail before' : 'none'));
      const outcome = await applyTenancy(tenancyFrom(after), options, { ...world, cluster });
      assert.is(outcome.result, 'incomplete');
      assert.match(
        messages(outcome),
        /^POL8120 .*\n(POL8124 `TokenRateLimitPolicy llm\/platform` could not be put back.*)/,
      );
      assert.is(world.records.at(-1)?.decision, 'incomplete');
      const restored = await restoreTenancy('platform', world);
      assert.is(restored.result, 'restored', messages(restored));
      assert.is(stateOf(server), states[0]);
    },
    tenancyFrom(before),
    tenancyFrom(after),
  ));

async function killed(tenancy: Tenancy, world: TenancyWorld, strike: Strike): Promise<void> {
  try {
    await applyTenancy(tenancy, options, { ...world, cluster: struckCluster(world.cluster, strike) });
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

run();
