import type { Span } from '../../source/span.ts';
import { capabilityNames } from '../../tables/capabilities.ts';
import { fileSystemRights, networkRights } from '../../tables/landlock.ts';
import type { SourceMapEntry } from '../backend.ts';
import type { DataPiece } from './data.ts';
import type { LauncherImage } from './image.ts';
import type { Operand, SystemCall } from './operation.ts';
import type { LaunchPlan, LaunchStep } from './plan.ts';
import { stepNames } from './program.ts';
import { variables } from './variables.ts';

export interface Listing {
  readonly text: string;
  /** By line, from 1. */
  readonly sourceMap: readonly SourceMapEntry[];
  /** The address of each step's code and the rules that it serves, for the executable. */
  readonly codeMap: readonly SourceMapEntry[];
}

const execution: Readonly<Record<LaunchPlan['exec'], string>> = {
  'no-filter': 'there is no filter',
  policy: 'the policy allows execve',
  cookie: 'a cookie of 128 random bits in arg4 and arg5',
};

/**
 * The steps in order, what each applies, and its system calls with their arguments and the address of their code.
 *
 * @param spans where each rule, limit and obligation of the policy is, by its id
 */
export function launcherListing(plan: LaunchPlan, image: LauncherImage, spans: ReadonlyMap<string, Span>): Listing {
  const lines: string[] = [];
  const sourceMap: SourceMapEntry[] = [];
  const codeMap: SourceMapEntry[] = [];
  const pieces = new Map(image.pieces.map((piece) => [piece.symbol, piece]));
  const add = (line: string, rules: readonly string[] = []) => {
    lines.push(line);
    for (const rule of rules) {
      const span = spans.get(rule);
      if (span !== undefined) sourceMap.push({ at: lines.length, rule, span });
    }
  };
  add(`launcher for ${plan.machine}, ${image.bytes.length} bytes; what lets the exec pass: ${execution[plan.exec]}`);
  let step = 0;
  for (let index = 0; index < image.operations.length; index += 1) {
    const operation = image.operations[index]!;
    if (operation.kind !== 'heading' && operation.kind !== 'system-call') continue;
    const address = image.addresses[index]!.toString(16);
    if (operation.kind === 'heading') {
      for (const rule of operation.rules) {
        const span = spans.get(rule);
        if (span !== undefined) codeMap.push({ at: `0x${address}`, rule, span });
      }
      add('');
      add(
        `${operation.text}${operation.rules.length === 0 ? '' : `  [${operation.rules.join(', ')}]`}`,
        operation.rules,
      );
      const next = plan.steps[step];
      if (next !== undefined && operation.text === stepNames[next.kind]) {
        for (const { text, rule } of applied(next)) add(`    ${text}`, rule === undefined ? [] : [rule]);
        step += 1;
      }
    } else lines.push(`  ${address}  ${systemCallText(operation, pieces, image.addressOf)}`);
  }
  return { text: `${lines.join('\n')}\n`, sourceMap, codeMap };
}

interface Applied {
  readonly text: string;
  readonly rule?: string;
}

/** What a step's tables hold. */
function applied(step: LaunchStep): readonly Applied[] {
  switch (step.kind) {
    case 'join-cgroup':
      return step.directories.map((text) => ({ text }));
    case 'cpu-affinity':
      return [{ text: step.cpus.join(', ') }];
    case 'namespaces':
      return [{ text: step.kinds.join(', ') }];
    case 'private-layers':
      return step.layers.map(({ path, bytes, rule }) => ({ text: `${path}  ${bytes} bytes`, rule }));
    case 'supervise':
      return [
        ...(step.deadline === undefined ? [] : [{ text: `deadline ${step.deadline} ms` }]),
        ...(step.cgroup === undefined ? [] : [{ text: `cgroup ${step.cgroup}` }]),
        ...(step.bound !== undefined ? [{ text: 'ends with who started it' }] : []),
      ];
    case 'landlock':
      return [
        {
          text: `handled  ${names(fileSystemRights(), step.handledPaths)} ${names(networkRights(), step.handledPorts)}`,
        },
        ...step.paths.map(({ path, access, optional, rule }) => ({
          text: `${path}  ${names(fileSystemRights(), access)}${optional ? '  where it exists' : ''}  [${rule}]`,
          rule,
        })),
        ...(step.logged === true ? [{ text: 'what the program is refused makes audit records' }] : []),
        ...step.ports.map(({ port, access, rule }) => ({
          text: `port ${port}  ${names(networkRights(), access)}  [${rule}]`,
          rule,
        })),
      ];
    case 'capabilities': {
      const kept = capabilityNames().filter((_, bit) => (step.keep >> BigInt(bit)) & 1n);
      return [{ text: kept.length === 0 ? 'none kept' : `kept  ${kept.join(' ')}` }];
    }
    case 'resource-limits':
      return step.limits.map(({ resource, ceiling, rule }) => ({ text: `${resource}  ${ceiling}  [${rule}]`, rule }));
    case 'seccomp':
      return [
        { text: `${step.filter.length / 8} instructions` },
        ...(step.flags === 0 ? [] : [{ text: 'with a listener, which the supervisor takes' }]),
        ...step.relocations.map(({ instruction, parameter, word }) => ({
          text: `instruction ${instruction}  ${word} word of ${parameter}`,
        })),
      ];
    case 'close-descriptors':
    case 'loopback-up':
    case 'no-new-privileges':
    case 'find-command':
    case 'report':
    case 'exec':
      return [];
    default: {
      const unreachable: never = step;
      return unreachable;
    }
  }
}

function names(rights: readonly { readonly name: string; readonly bit: bigint }[], mask: bigint): string {
  return rights
    .filter((right) => (right.bit & mask) !== 0n)
    .map((right) => right.name)
    .join(' ');
}

type Pieces = ReadonlyMap<string, DataPiece>;

function systemCallText(call: SystemCall, pieces: Pieces, addressOf: LauncherImage['addressOf']): string {
  return `${call.name}(${call.arguments.map((operand) => operandText(operand, pieces, addressOf)).join(', ')})`;
}

function operandText(operand: Operand | undefined, pieces: Pieces, addressOf: LauncherImage['addressOf']): string {
  if (operand === undefined) return '-';
  switch (operand.kind) {
    case 'immediate':
      return operand.value > 0xffff ? `0x${operand.value.toString(16)}` : `${operand.value}`;
    case 'wide-immediate':
      return `0x${operand.high.toString(16)}${operand.low.toString(16).padStart(8, '0')}`;
    case 'register':
      return operand.register;
    case 'variable':
      return variableName(operand.offset);
    case 'place':
      return `&${variableName(operand.offset)}`;
    case 'address': {
      const text = pieces.get(operand.symbol)?.text;
      return text === undefined ? `&${(addressOf(operand.symbol) + operand.plus).toString(16)}` : JSON.stringify(text);
    }
    default: {
      const unreachable: never = operand;
      return unreachable;
    }
  }
}

const namesByOffset: ReadonlyMap<number, string> = new Map(
  Object.entries(variables).map(([name, offset]) => [offset, name]),
);

function variableName(offset: number): string {
  return namesByOffset.get(offset) ?? `variables+${offset}`;
}
