import * as assert from 'uvu/assert';
import { compileSyscallDecision } from '../../compiler/backends/seccomp/compile.ts';
import { encodeInstructions, type Instruction } from '../../compiler/backends/seccomp/instruction.ts';
import { interpret } from '../../compiler/backends/seccomp/interpret.ts';
import { supervisedDecision } from '../../compiler/backends/seccomp/supervised.ts';
import type { Decision, Policy } from '../../compiler/ir/policy.ts';
import type { Architecture } from '../../compiler/tables/architectures.ts';
import { validateProgram } from '../../compiler/verify/seccomp/validate-program.ts';
import { suite } from '../support/harness.ts';
import { Random, randomArchitectures, randomDecision, randomPredicate } from '../support/random-decision.ts';
import { Sampler } from '../support/seccomp-samples.ts';

const { test, run } = suite('filters that ask a supervisor');

const origin = { span: { file: 'random.yaml', start: 0, end: 0 } };
const notify = 0x7fc0_0000;

function randomPolicy(random: Random): Policy {
  const start: Decision = { ...randomDecision(random), combine: 'first-match' };
  const own: Decision = { ...randomDecision(random), combine: 'first-match' };
  // A stricter level often says what the start says, and something before it.
  const stricter =
    random.below(2) === 0 ? own : { ...own, rules: [...own.rules, ...start.rules], otherwise: start.otherwise };
  const renamed = { ...stricter, rules: stricter.rules.map((rule, at) => ({ ...rule, id: `hardened/syscall/${at}` })) };
  const event = random.pick(['network_access', 'process_spawn', 'policy_violation']);
  return {
    name: 'random',
    decisions: [start],
    limits: [],
    obligations: [
      {
        id: 'transition',
        topic: 'adaptive',
        origin,
        kind: 'transition',
        event,
        to: 'hardened',
        ...(event === 'policy_violation' ? {} : { when: randomPredicate(random, 2) }),
      },
    ],
    adaptive: {
      start: 'sandbox',
      levels: [{ level: 'hardened', decisions: [renamed], limits: [], obligations: [] }],
    },
  };
}

const mayPass = (action: number) => passes(action) || action >>> 16 === 0x7ff0;
const passes = (action: number) => action === 0x7fff_0000 || action === 0x7ffc_0000;
const isErrno = (action: number, errno: number) => action === 0x0005_0000 + errno;

test('what passes unasked passes in every level and is no event, and what is asked about is one or the other', () => {
  const random = new Random(7);
  let asked = 0;
  let passed = 0;
  for (let round = 0; round < 40; round += 1) {
    const policy = randomPolicy(random);
    const served = randomArchitectures(random);
    const start = policy.decisions[0]!;
    const stricter = policy.adaptive!.levels[0]!.decisions[0]!;
    const transition = policy.obligations[0]!;
    assert.ok(transition.kind === 'transition');
    const { when, event } = transition;
    const watched = supervisedDecision(policy, served);
    const events: Decision = {
      point: 'syscall',
      combine: 'first-match',
      rules: when === undefined ? [] : [{ id: 'event', topic: 'x', origin, when, effect: { kind: 'notify' } }],
      otherwise: { id: 'otherwise', topic: 'x', origin, effect: { kind: 'allow' } },
    };
    const programs = [watched, start, stricter, events].map((each) => programOf(each, served));
    const [filter, first, second, event_] = programs as [Program, Program, Program, Program];
    let loosened = false;
    for (const data of new Sampler(programs, random).inputs(400)) {
      const call = {
        number: data[0]!,
        architecture: data[1]!,
        arguments: [4, 6, 8, 10, 12, 14].map((at) => (BigInt(data[at + 1]!) << 32n) | BigInt(data[at]!)),
      };
      const [is, before, later, fires] = [filter, first, second, event_].map((each) => interpret(each, call)!.action);
      const isEvent = fires === notify;
      if (passes(before!) && !passes(later!)) loosened = true;
      if (passes(is!)) {
        passed += 1;
        assert.is(is, before);
        assert.ok(passes(later!) && !isEvent);
      } else if (is === notify && before !== notify) {
        asked += 1;
        const violates =
          event === 'policy_violation' && (before! & 0xffff_0000) === 0x0005_0000 && !isErrno(before!, 38);
        assert.ok(violates || (mayPass(before!) && (isEvent || !passes(later!))));
      } else if (is !== before) {
        // clone3, where an event may hide behind its pointer.
        assert.ok(isErrno(is!, 38) && event === 'process_spawn' && mayPass(before!));
      }
    }
    const within = (program: Program, decision: Decision) =>
      validateProgram(encodeInstructions(program), decision, served, served, {}, undefined, undefined, 'within')
        .counterexample;
    assert.is(within(filter, start), undefined);
    assert.is(within(filter, stricter), undefined);
    if (loosened) assert.type(within(first, stricter), 'string');
  }
  assert.ok(asked > 200 && passed > 200, `${asked} asked, ${passed} passed`);
});

type Program = readonly Instruction[];

function programOf(decision: Decision, served: readonly Architecture[]): Program {
  const { instructions, inexpressible } = compileSyscallDecision(decision, served, { weights: 'frequency' });
  assert.equal(inexpressible, []);
  return instructions;
}

run();
