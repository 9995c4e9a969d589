import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { evaluateHookCalls, type HookCall } from '../../compiler/hook-programs/evaluate.ts';
import { contributors, type Policy } from '../../compiler/ir/policy.ts';
import { staticHelper } from '../support/compile-helper.ts';
import { suite } from '../support/harness.ts';
import { compileHooks, type HookObject, randomTexts } from '../support/hook-object.ts';
import { callsOf } from '../support/hook-programs.ts';
import { kernelTarget, noVirtualMachine } from '../support/machine-files.ts';
import { runInMachine } from '../support/virtual-machine.ts';

const { test, skip, run } = suite('bpf-lsm recorded calls');

type Facts = Readonly<Record<string, Value | undefined>>;

/** How the calls of a hook are made, and what the kernel says of their arguments by a probe that is none of ours. */
interface Recorded {
  readonly kind: string;
  /** The words for the program that makes the calls. */
  words(facts: Facts): string;
  /** A line of tracefs's kprobe_events, behind the name. */
  readonly probe: string;
  /** The fields of a call, by what was asked and what the probe saw. */
  fields(words: readonly string[], seen: ReadonlyMap<string, string>): Facts;
}

const number = (seen: ReadonlyMap<string, string>, name: string) => BigInt(seen.get(name)!);
const numberOr = (value: Value | undefined, other: number) => (typeof value === 'bigint' ? value : BigInt(other));

const hooks: Readonly<Record<string, Recorded>> = {
  file_open: {
    kind: 'open',
    words: ({ path, flags, owner }) => `${path ?? '/tmp'} ${numberOr(flags, 0)} ${numberOr(owner, 0)}`,
    probe: 'security_file_open flags=file->f_flags:x32 owner=file->f_inode->i_uid.val:u32',
    fields: ([path], seen) => ({ path, flags: number(seen, 'flags'), owner: number(seen, 'owner') }),
  },
  mmap_file: {
    kind: 'map',
    words: ({ anonymous, path, prot }) => `${anonymous === true ? '-' : (path ?? '/')} ${numberOr(prot, 1)}`,
    probe: 'security_mmap_file file=$arg1:x64 prot=$arg2:x64',
    fields: ([path], seen) => {
      const anonymous = number(seen, 'file') === 0n;
      return { anonymous, path: anonymous ? undefined : path, prot: number(seen, 'prot') };
    },
  },
  socket_connect: {
    kind: 'connect',
    words: ({ family, port, address }) => {
      const six = typeof address === 'string' && address.includes(':');
      const internet = six ? 10n : numberOr(family, 2) === 0n ? 0n : 2n;
      return `${family === 1n ? 1n : internet} ${numberOr(port, 53)} ${address ?? '10.1.2.3'}`;
    },
    probe:
      'security_socket_connect family=+0($arg2):u16 port=+2($arg2):x16 four=+4($arg2):x32 low=+8($arg2):x64 high=+16($arg2):x64',
    fields: (_, seen) => {
      const family = number(seen, 'family');
      if (family === 1n) return { family };
      return { family, port: swapped(number(seen, 'port'), 2), address: addressOf(family, seen) };
    },
  },
  task_setnice: {
    kind: 'nice',
    words: ({ nice, target_comm: comm }) => `${numberOr(nice, 0)} ${comm || '-'}`,
    probe: 'security_task_setnice nice=$arg2:s32',
    fields: ([, comm], seen) => ({
      nice: BigInt.asUintN(32, number(seen, 'nice')),
      target_comm: comm === '-' ? '' : comm,
    }),
  },
  task_alloc: {
    kind: 'fork',
    // CLONE_THREAD with what it needs, for each that the pool has.
    words: ({ clone_flags: flags }) => String(numberOr(flags, 0) === 0n ? 0 : flags === 0x10000n ? 0x10f00 : 0x200),
    probe: 'security_task_alloc flags=$arg2:x64',
    fields: (_, seen) => ({ clone_flags: number(seen, 'flags'), gid: 0n }),
  },
};

function swapped(value: bigint, bytes: number): bigint {
  let other = 0n;
  for (let index = 0; index < bytes; index += 1) other = (other << 8n) | ((value >> BigInt(8 * index)) & 255n);
  return other;
}

function addressOf(family: bigint, seen: ReadonlyMap<string, string>): string {
  if (family !== 10n) {
    const four = swapped(number(seen, 'four'), 4);
    return [24n, 16n, 8n, 0n].map((bits) => (four >> bits) & 255n).join('.');
  }
  const all = (swapped(number(seen, 'low'), 8) << 64n) | swapped(number(seen, 'high'), 8);
  const words = Array.from({ length: 8 }, (_, index) => (all >> BigInt(112 - 16 * index)) & 0xffffn);
  return words.map((word) => word.toString(16)).join(':');
}

/** A call as it is asked for. */
interface Asked {
  readonly hook: string;
  readonly uid: bigint;
  readonly comm: string;
  readonly words: string;
}

interface Made {
  readonly error: number;
  /** Nanoseconds. */
  readonly before: bigint;
  readonly after: bigint;
}

const groupCount = 8;
const callsOfHook = 30;
const rounds = 3;

function askedCalls(): readonly Asked[] {
  const byHook = Object.entries(hooks).map(([hook, { words }]) =>
    fc
      .sample(callsOf(hook), callsOfHook)
      .flat()
      .slice(0, callsOfHook)
      .map(({ fields }) => ({
        hook,
        uid: numberOr(fields.uid, 0),
        comm: String(fields.comm ?? 'workload'),
        words: words(fields),
      })),
  );
  // One of each hook in turn.
  return Array.from({ length: callsOfHook }, (_, index) => byHook.flatMap((calls) => calls[index] ?? [])).flat();
}

const files = ['/etc/passwd', '/etc/ssh/key', '/tmp/a/b', '/home/ann/.ssh/id_rsa', '/usr/lib/x.so'];

function script(objects: readonly (HookObject | undefined)[]): string {
  const attached = objects.flatMap((object, group) =>
    object === undefined
      ? []
      : [
          `bpftool prog loadall /o/${group} /sys/fs/bpf/p${group} pinmaps /sys/fs/bpf/m${group} || echo "${group} is not loaded"`,
          `attach --all /sys/fs/bpf/p${group} /sys/fs/cgroup/g${group}`,
        ],
  );
  return `
for f in ${files.join(' ')}; do mkdir -p \${f%/*}; echo x > $f; done
mount -t tracefs tracefs /sys/kernel/tracing; cd /sys/kernel/tracing
echo mono > trace_clock; echo 0 > tracing_on
${Object.values(hooks)
  .map(({ kind, probe }) => `echo 'p:${kind} ${probe}' >> kprobe_events || echo "no probe ${kind}"`)
  .join('\n')}
echo 1 > events/kprobes/enable
mkdir ${objects.map((_, group) => `/sys/fs/cgroup/g${group}`).join(' ')}
${attached.join('\n')}
echo @answers
hook-workload /sys/kernel/tracing/tracing_on ${rounds} < /calls || echo "the workload ended with $?"
echo @trace
grep -v '^#' trace
for m in /sys/fs/bpf/m*; do echo @$\{m##*m}; test ! -e $m/events || attach --records $m/events; done`;
}

/** What the probes saw, by kind, in the order of time. */
function eventsOf(trace: string): readonly { kind: string; at: bigint; seen: ReadonlyMap<string, string> }[] {
  return trace.split('\n').flatMap((line) => {
    const [, seconds, micros, kind, rest] = /\s(\d+)\.(\d{6}): (\w+): \([^)]*\) (.*)$/.exec(line) ?? [];
    if (seconds === undefined || rest === undefined) return [];
    const seen = new Map(rest.split(' ').map((part) => part.split('=', 2) as [string, string]));
    return [{ kind: kind!, at: BigInt(seconds) * 1_000_000_000n + BigInt(micros!) * 1000n, seen }];
  });
}

/** The records of a policy's program that a call is to leave, as ids and answers, in the order in which they are written. */
function recordsOf(policy: Policy, calls: readonly HookCall[]): readonly string[] {
  return evaluateHookCalls(policy, calls).flatMap(({ recorded, errno }, index) => {
    const { hook } = calls[index]!;
    const statements = recorded.filter((each) => 'kind' in each).map(({ id }) => `${id} 1`);
    const verdicts = recorded
      .filter((each) => !('kind' in each))
      .map((each) => {
        // Of rules of several hooks that were joined, the one of this hook is named.
        const named = contributors(each).find(({ id }) => id.startsWith(`hook/${hook}/`)) ?? each;
        return `${named.id} ${errno === 0 ? 0 : -errno}`;
      });
    return [...statements, ...verdicts];
  });
}

const title =
  'random programs decide and record in a kernel as the reference evaluator does on the arguments seen there';

async function compare(): Promise<void> {
  const asked = askedCalls();
  const sources = randomTexts(groupCount, Object.keys(hooks));
  const objects = sources.map((text) => compileHooks(text, kernelTarget('6.12')));
  const lines = asked.map(({ hook, uid, comm, words }) => `${uid} ${comm || '-'} ${hooks[hook]!.kind} ${words}`);
  const groups = objects.map((_, group) => `/sys/fs/cgroup/g${group}`);
  const content = {
    '/bin/hook-workload': staticHelper('hook-workload.c'),
    '/bin/attach': staticHelper('bpf-attach.c'),
    '/calls': new TextEncoder().encode([...lines, '--', ...groups, ''].join('\n')),
    ...Object.fromEntries(objects.flatMap((made, group) => (made === undefined ? [] : [[`/o/${group}`, made.object]]))),
  };
  const output = await runInMachine({ kernel: '6.12', content, script: script(objects), megabytes: 1024 });
  const parts = new Map(
    output.split(/^@/m).map((part) => [part.split('\n', 1)[0]!, part.slice(part.indexOf('\n') + 1)] as const),
  );
  assert.is(output.slice(0, output.indexOf('@')), '', output);
  const answers = new Map<string, Made>();
  const [process, ...told] = parts.get('answers')!.trim().split('\n');
  for (const line of told) {
    const [group, call, error, before, after] = line.split(' ');
    answers.set(`${group} ${call}`, { error: Number(error), before: BigInt(before!), after: BigInt(after!) });
  }
  assert.is(answers.size, (groupCount + 1) * asked.length, output);
  const events = eventsOf(parts.get('trace') ?? '');
  const seen = asked.map(({ hook, uid, comm, words }, index) => {
    const { kind, fields } = hooks[hook]!;
    const { before, after } = answers.get(`-1 ${index}`)!;
    const event = events.find((each) => each.kind === kind && each.at + 1000n >= before && each.at <= after);
    const known =
      event === undefined ? undefined : { uid, comm, pid: BigInt(process!), ...fields(words.split(' '), event.seen) };
    return known === undefined
      ? undefined
      : (Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Record<string, Value>);
  });
  const counts = { refused: 0, allowed: 0, records: 0, unclear: 0 };
  objects.forEach((object, group) => {
    if (object === undefined) return;
    const made = asked.flatMap(({ hook }, index) => {
      const fields = seen[index];
      return fields === undefined ? [] : [{ hook, index, fields, answer: answers.get(`${group} ${index}`)! }];
    });
    /** The calls with the later rounds moved by so many milliseconds. */
    const callsAt = (moved: number): readonly HookCall[] =>
      made.map(({ hook, index, fields, answer: { before } }) => {
        const round = Math.floor((index * rounds) / asked.length);
        return { hook, fields, at: Number(before) / 1e6 + moved * round };
      });
    const wanted = evaluateHookCalls(object.policy, callsAt(0));
    const errors = (moved: number) => evaluateHookCalls(object.policy, callsAt(moved)).map(({ errno }) => errno);
    // A call so near the end of a counter's window that it may lie on either side says nothing.
    if ([-50, 50].some((moved) => errors(moved).join() !== wanted.map(({ errno }) => errno).join())) {
      counts.unclear += 1;
      return;
    }
    made.forEach(({ hook, index, fields, answer }, at) => {
      const { errno } = wanted[at]!;
      const expected = errno === 0 ? answers.get(`-1 ${index}`)!.error : errno;
      counts[errno === 0 ? 'allowed' : 'refused'] += 1;
      const values = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
      assert.is(
        answer.error,
        expected,
        `group ${group}, call ${index}: ${hook} ${values.join(' ')}\n${sources[group]}`,
      );
    });
    const said = (parts.get(String(group)) ?? '').split('\n').flatMap((line) => {
      const [, rule, answer] = /^record (\d+) (-?\d+) /.exec(line) ?? [];
      return rule === undefined ? [] : [`${object.manifest.rules[Number(rule)]?.id} ${answer}`];
    });
    assert.equal(said, recordsOf(object.policy, callsAt(0)), `group ${group}\n${sources[group]}`);
    counts.records += said.length;
  });
  assert.ok(counts.refused > 100 && counts.allowed > 50 && counts.records > 100, JSON.stringify(counts));
}

const missing = noVirtualMachine('6.12');
if (missing !== undefined) skip(title, missing);
else test(title, compare);

run();
