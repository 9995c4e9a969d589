import { decodeInstructions } from '../../compiler/backends/seccomp/instruction.ts';
import { interpret, type SeccompData } from '../../compiler/backends/seccomp/interpret.ts';
import type { Compilation } from '../../compiler/compile.ts';
import type { JoinedCoverage } from '../../compiler/coverage.ts';
import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { decide, sourceOf } from '../../compiler/ir/evaluate.ts';
import { type Decision, decisionAt, type Effect, type Enforceable } from '../../compiler/ir/policy.ts';
import { targetServed } from '../../compiler/served-architectures.ts';
import { positionAt } from '../../compiler/source/text.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { errnoName } from '../../compiler/tables/errno.ts';
import { fileSystemRights } from '../../compiler/tables/landlock.ts';
import { isSyscall, newestNumber, syscallName, syscallNames, syscallNumber } from '../../compiler/tables/syscalls.ts';
import { compileFile } from '../build/compile-file.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { printDiagnostics } from '../output.ts';
import { findProject, targetOf } from '../project.ts';
import { readTarget } from '../target.ts';

export const command = defineCommand(
  {
    name: 'explain',
    summary: 'say which rule decides, which backend and instruction enforce it, and what is lost',
    operands: 'POLICY',
    operandCount: { least: 1, most: 1 },
    completes: 'files',
    options: {
      syscall: { type: 'text', value: 'NAME', doc: 'what happens to this system call', short: 's' },
      argument: {
        type: 'pairs',
        value: 'N=VALUE',
        doc: 'an argument of the call, from 0; others are unknown',
        short: 'a',
      },
      path: { type: 'text', value: 'PATH', doc: 'what may be done with this path', short: 'p' },
      target: { type: 'pairs', value: 'KEY=VALUE', doc: 'the target, as for build', short: 't' },
      format: { type: 'choice', choices: ['pretty', 'json'], doc: 'how to print the answer', default: 'pretty' },
    },
    examples: [
      'polc explain web.yaml',
      'polc explain web.yaml --syscall socket --argument 0=2',
      'polc explain web.yaml --path /etc/passwd',
    ],
  },
  async ({ options, operands }, terminal) => {
    const usage = (problem: string, help: string) => {
      terminal.writeError(`polc explain: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const project = await findProject();
    const target = readTarget(options.target, targetOf(project));
    if ('problem' in target) return usage(target.problem, target.help);
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
      return exitCode.policy;
    }
    if (project.diagnostics.length > 0) await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
    const compilation = compileFile(operands[0] ?? '', project, { target, maximumMilliseconds: 0 });
    if ('problem' in compilation) {
      terminal.writeError(`polc explain: ${compilation.problem}\n`);
      return exitCode.environment;
    }
    if (compilation.policy === undefined) {
      await printDiagnostics(compilation.diagnostics, [], 'pretty', terminal);
      return exitCode.policy;
    }
    let answer: Answer;
    if (options.syscall !== undefined) {
      if (!isSyscall(options.syscall)) {
        const near = nearest(options.syscall, syscallNames());
        return usage(
          `unknown syscall \`${options.syscall}\``,
          near === undefined ? 'syscalls(2) lists the names' : `did you mean \`${near}\`?`,
        );
      }
      const given = new Map<number, bigint>();
      for (const [key, value] of options.argument) {
        if (!/^[0-5]$/.test(key) || !/^(0x[0-9a-fA-F]{1,16}|\d{1,20})$/.test(value)) {
          return usage(
            `\`--argument ${key}=${value}\` is not N=VALUE`,
            'N is from 0 to 5, VALUE a number such as 2 or 0x10',
          );
        }
        given.set(Number(key), BigInt.asUintN(64, BigInt(value)));
      }
      const { architectures } = targetServed(compilation.policy, target);
      answer = explainSyscall(compilation, options.syscall, given, architectures);
    } else if (options.path !== undefined) {
      if (!options.path.startsWith('/')) return usage(`\`${options.path}\` is relative`, 'write the absolute path');
      answer = explainPath(compilation, options.path);
    } else {
      answer = explainCoverage(compilation);
    }
    terminal.write(
      options.format === 'json' ? `${JSON.stringify(answer.data, undefined, 2)}\n` : `${answer.lines.join('\n')}\n`,
    );
    return exitCode.fine;
  },
);

interface Answer {
  readonly lines: readonly string[];
  readonly data: unknown;
}

const label = (text: string) => `  ${text.padEnd(11)}`;

function explainSyscall(
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

/** `rule 3 of 6`, `rules 1 and 3 of 6, or otherwise`: the rules by their place in the optimised decision. */
function positionsIn(decision: Decision, rules: readonly Enforceable[]): string {
  const places = rules.flatMap((rule) => {
    const index = decision.rules.findIndex(({ id }) => id === rule.id);
    return index === -1 ? [] : [index + 1];
  });
  const otherwise = rules.some(({ id }) => id === decision.otherwise.id);
  if (places.length === 0) return `otherwise, after ${decision.rules.length} rules`;
  const list = `${places.length === 1 ? 'rule' : 'rules'} ${places.join(', ')} of ${decision.rules.length}`;
  return otherwise ? `${list}, or otherwise` : list;
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

/** The rules that could still decide, up to the first that certainly would. */
function candidates(decision: Decision, environment: Parameters<typeof decide>[1]): readonly Enforceable[] {
  const found: Enforceable[] = [];
  for (const rule of decision.rules) {
    const holds = evaluate(rule.when, environment);
    if (holds === false) continue;
    found.push(rule);
    if (holds === true) return found;
  }
  return [...found, decision.otherwise];
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

function explainPath(compilation: Compilation, path: string): Answer {
  const decision = decisionAt(compilation.policy!, 'path');
  if (decision === undefined) {
    return { lines: [`${path} is unrestricted: the policy says nothing of paths`], data: { path, unrestricted: true } };
  }
  const allowed: string[] = [];
  const by = new Map<string, Enforceable>();
  for (const { name } of fileSystemRights()) {
    const environment = {
      attribute: (attribute: string) => (attribute === 'path' ? path : name),
      parameter: () => undefined,
    };
    const verdict = decide(decision, environment);
    if (verdict?.effect.kind !== 'allow') continue;
    allowed.push(name);
    const written = sourceOf(verdict.by, environment);
    by.set(written.id, written);
  }
  const lines = [
    allowed.length === 0 ? `${path} is denied in every way` : `${path} may be used for: ${allowed.join(', ')}`,
    ...[...by.values()].map((rule) => `${label('policy')}${place(compilation, rule)}  ${rule.topic}`),
    `${label('enforced')}by landlock; permissions of the file system hold as well`,
  ];
  return { lines, data: { path, allowed, rules: [...by.keys()] } };
}

function explainCoverage(compilation: Compilation): Answer {
  const { coverage, policy } = compilation;
  const lines = fieldsOf(coverage).flatMap((entries) => {
    const [{ topic, span, by, deployments, accepted }] = entries;
    const status = statusOf(entries.map((entry) => entry.status));
    const ways = deployments.map(
      ({ name }, index) => `${marks[statusOf(entries.map((entry) => entry.deployments[index]!.status))]} ${name}`,
    );
    const answers = entries.flatMap((entry) =>
      entry.answers.map(
        ({ backend, status: each, enforced, lost }) =>
          `    ${backend.padEnd(9)} ${[each === 'full' && enforced === undefined ? 'enforced' : enforced, lost === undefined ? undefined : `lost: ${lost}`].filter((part) => part !== undefined).join(' · ')}`,
      ),
    );
    return [
      `${marks[status]} ${topic.padEnd(34)} ${placeOf(compilation, span)}${by === undefined ? '' : ` (${by})`}`,
      ...(ways.length > 1 ? [`    deployed  ${ways.join(', ')}`] : []),
      ...new Set(answers),
      ...(accepted === undefined ? [] : [`    accepted  ${accepted}`]),
      ...overriders(entries, coverage).map(
        (by) => `    overridden by ${by.topic} ${placeOf(compilation, by.span)}: nobody enforces it`,
      ),
    ];
  });
  return {
    lines: [`${policy!.name}: ${coverage.length} rules, limits and obligations`, ...lines],
    data: { policy: policy!.name, coverage },
  };
}

const marks = { full: '✔', partial: '⚠', none: '✘' } as const;

/** The rules that the author wrote as one field, together: it has one mark. */
function fieldsOf(coverage: readonly JoinedCoverage[]): readonly (readonly [JoinedCoverage, ...JoinedCoverage[]])[] {
  const fields = new Map<string, [JoinedCoverage, ...JoinedCoverage[]]>();
  for (const entry of coverage) {
    const key = `${entry.topic} ${entry.span.start} ${entry.span.file} ${entry.by ?? ''}`;
    const field = fields.get(key);
    if (field === undefined) fields.set(key, [entry]);
    else field.push(entry);
  }
  return [...fields.values()];
}

/** The rules that decide otherwise wherever one of the entries holds. */
function overriders(
  entries: readonly JoinedCoverage[],
  coverage: readonly JoinedCoverage[],
): readonly JoinedCoverage[] {
  const ids = new Set(entries.map(({ overridden }) => overridden));
  return coverage.filter(({ rule }) => ids.has(rule));
}

/** Full or none where all are, otherwise partial. */
function statusOf(all: readonly JoinedCoverage['status'][]): JoinedCoverage['status'] {
  return all.every((each) => each === all[0]) ? all[0]! : 'partial';
}

function place(compilation: Compilation, rule: Enforceable): string {
  return placeOf(compilation, rule.origin.span);
}

function placeOf({ sources }: Compilation, span: { readonly file: string; readonly start: number }): string {
  const source = sources.get(span.file);
  if (source === undefined) return span.file;
  const { line, column } = positionAt(source, span.start);
  return `${span.file}:${line + 1}:${column + 1}`;
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
