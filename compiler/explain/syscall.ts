import { decodeInstructions } from '../backends/seccomp/instruction.ts';
import { interpret, type SeccompData } from '../backends/seccomp/interpret.ts';
import type { Compilation } from '../compile.ts';
import type { Value } from '../expressions/predicate.ts';
import { decide, sourceOf } from '../ir/evaluate.ts';
import { decisionAt, type Effect } from '../ir/policy.ts';
import { type Architecture, auditArchitecture } from '../tables/architectures.ts';
import { errnoName } from '../tables/errno.ts';
import { newestNumber, syscallName, syscallNumber } from '../tables/syscalls.ts';
import { type Answer, candidates, label, place, positionsIn } from './answer.ts';

/** What happens to a system call, on each architecture, with the given arguments and any others. */
export function explainSyscall(
  compilation: Compilation,
  syscall: string,
  given: ReadonlyMap<number, bigint>,
  architectures: readonly Architecture[],
): Answer {
  const decision = decisionAt(compilation.policy!, 'syscall');
  if (decision === undefined) {
    return {
      lines: [`${syscall} is allowed: the policy says nothing of system calls`],
      data: { syscall, effect: 'allow' },
    };
  }
  const lines: string[] = [];
  const data: unknown[] = [];
  const withArguments = [...given].map(([index, value]) => `arg${index} = ${value}`).join(', ');
  let head: string | undefined;
  for (const architecture of architectures) {
    const number = syscallNumber(architecture, syscall);
    if (number === undefined) {
      lines.push(`${label(architecture)}has no such call`);
      data.push({ architecture, exists: false });
      continue;
    }
    const environment = syscallEnvironment(architecture, number, given);
    const verdict = decide(decision, environment);
    const traced = trace(compilation, architecture, number, given);
    const rules = verdict === undefined ? candidates(decision, environment) : [verdict.by];
    if (head === undefined) {
      head =
        verdict === undefined
          ? `${syscall} depends on its arguments${withArguments === '' ? '' : ` (given ${withArguments})`}`
          : `${syscall} ${effectText(verdict.effect)}${withArguments === '' ? ' whatever its arguments' : ` with ${withArguments}`}`;
      for (const rule of rules) {
        const written = sourceOf(rule, environment);
        const by = written.origin.by === undefined ? '' : ` (${written.origin.by})`;
        lines.push(`${label('policy')}${place(compilation, written)}${by}  ${written.topic}`);
      }
      lines.push(`${label('IR')}${positionsIn(decision, rules)}`);
    }
    lines.push(`${label(architecture)}${traced ?? 'no program was emitted'}`);
    data.push({
      architecture,
      number,
      effect: verdict?.effect ?? 'depends',
      rules: rules.map(({ id, topic }) => ({ id, topic })),
      program: traced,
    });
  }
  if (
    decisionAt(compilation.policy!, 'path') !== undefined &&
    /open|stat|exec|unlink|rename|mkdir|link/.test(syscall)
  ) {
    lines.push(`${label('then')}landlock decides by path: \`polc explain … --path PATH\``);
  }
  return {
    lines: [head ?? `${syscall} exists on none of the target's architectures`, ...lines],
    data: { syscall, answers: data },
  };
}

function syscallEnvironment(architecture: Architecture, number: number, given: ReadonlyMap<number, bigint>) {
  const name = syscallName(architecture, number);
  return {
    attribute(attribute: string): Value | undefined {
      if (attribute === 'arch') return architecture;
      if (attribute === 'syscall') return name ?? `#${number}`;
      if (attribute === 'newer') return name === undefined && number > newestNumber(architecture);
      return given.get(Number(attribute.slice(3)));
    },
    parameter: () => undefined,
  };
}

/** The instructions of the emitted program that run for the call, with arguments of zero where none was given. */
function trace(
  compilation: Compilation,
  architecture: Architecture,
  number: number,
  given: ReadonlyMap<number, bigint>,
): string | undefined {
  const artifacts = compilation.outputs.find(({ backend }) => backend === 'seccomp')?.artifacts ?? [];
  const artifact =
    artifacts.find(({ path }) => path === `${architecture}.bpf`) ??
    artifacts.find(({ path }) => path === 'combined.bpf' || (architecture === 'x32' && path === 'x86_64.bpf'));
  if (!(artifact?.content instanceof Uint8Array)) return undefined;
  const data: SeccompData = {
    number,
    architecture: auditArchitecture[architecture],
    arguments: [0, 1, 2, 3, 4, 5].map((index) => given.get(index) ?? 0n),
  };
  const run = interpret(decodeInstructions(artifact.content), data);
  if (run === undefined) return undefined;
  const assumed = given.size === 0 ? '' : ', other arguments 0';
  return `instructions ${run.executed.join(' → ')}, ${run.executed.length} executed${assumed}`;
}

function effectText(effect: Effect): string {
  switch (effect.kind) {
    case 'allow':
      return 'is allowed';
    case 'log':
      return 'is allowed and logged';
    case 'deny':
      return 'is denied';
    case 'errno':
      return `fails with ${errnoName(effect.errno) ?? `errno ${effect.errno}`}`;
    case 'trap':
      return 'raises SIGSYS';
    case 'trace':
      return 'is handed to a tracer';
    case 'notify':
      return 'is handed to a supervisor';
    case 'kill-thread':
      return 'kills the thread';
    case 'kill-process':
      return 'kills the process';
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}
