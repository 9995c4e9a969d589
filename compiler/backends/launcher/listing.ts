import type { Policy } from '../../ir/policy.ts';
import { enforceables } from '../../ir/policy.ts';
import { capabilityNames } from '../../tables/capabilities.ts';
import { fileSystemRights, networkRights } from '../../tables/landlock.ts';
import type { SourceMapEntry } from '../backend.ts';
import type { LauncherImage } from './image.ts';
import type { Operand, Operation, SystemCall } from './operation.ts';
import type { LaunchPlan, LaunchStep } from './plan.ts';
import { stepNames } from './program.ts';
import { variables } from './variables.ts';

export interface Listing {
  readonly text: string;
  /** By line, from 1. */
  readonly sourceMap: readonly SourceMapEntry[];
}

const execution: Readonly<Record<LaunchPlan['exec'], string>> = {
  'no-filter': 'there is no filter',
  policy: 'the policy allows execve',
  cookie: 'a cookie of 128 random bits in arg4 and arg5',
};

/** The steps in order, what each applies, and its system calls with their arguments and the address of their code. */
export function launcherListing(plan: LaunchPlan, image: LauncherImage, policy: Policy): Listing {
  const spans = new Map(enforceables(policy).map((node) => [node.id, node.origin.span]));
  const lines: string[] = [];
  const sourceMap: SourceMapEntry[] = [];
  const add = (line: string, rules: readonly string[] = []) => {
    lines.push(line);
    for (const rule of rules) {
      const span = spans.get(rule);
      if (span !== undefined) sourceMap.push({ at: lines.length, rule, span });
    }
  };
  add(`launcher for ${plan.machine}, ${image.bytes.length} bytes; what lets the exec pass: ${execution[plan.exec]}`);
  const steps = [...plan.steps];
  for (const [index, operation] of image.operations.entries()) {
    if (operation.kind === 'heading') {
      add('');
      add(
        `${operation.text}${operation.rules.length === 0 ? '' : `  [${operation.rules.join(', ')}]`}`,
        operation.rules,
      );
      if (steps[0] !== undefined && operation.text === stepNames[steps[0].kind]) {
        for (const { text, rule } of applied(steps.shift()!)) add(`    ${text}`, rule === undefined ? [] : [rule]);
      }
    } else if (operation.kind === 'system-call') {
      const address = image.addresses[index]!.toString(16);
      add(`  ${address}  ${systemCallText(operation, image)}`);
    }
  }
  return { text: `${lines.join('\n')}\n`, sourceMap };
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
        ...step.relocations.map(({ instruction, parameter, word }) => ({
          text: `instruction ${instruction}  ${word} word of ${parameter}`,
        })),
      ];
    case 'close-descriptors':
    case 'loopback-up':
    case 'no-new-privileges':
    case 'find-command':
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

function systemCallText(call: SystemCall, image: LauncherImage): string {
  return `${call.name}(${call.arguments.map((operand) => operandText(operand, image)).join(', ')})`;
}

function operandText(operand: Operand, image: LauncherImage): string {
  switch (operand.kind) {
    case 'immediate':
      return operand.value > 0xffffn ? `0x${operand.value.toString(16)}` : `${operand.value}`;
    case 'register':
      return operand.register;
    case 'variable':
      return variableName(operand.offset);
    case 'address': {
      if (operand.symbol === 'variables') return `&${variableName(operand.plus)}`;
      const piece = image.pieces.find((candidate) => candidate.symbol === operand.symbol);
      if (piece?.alignment === 1) return JSON.stringify(new TextDecoder().decode(piece.bytes.subarray(0, -1)));
      return `&${image.addressOf(operand.symbol).toString(16)}`;
    }
    default: {
      const unreachable: never = operand;
      return unreachable;
    }
  }
}

function variableName(offset: number): string {
  const found = Object.entries(variables).find(([, at]) => at === offset);
  return found === undefined ? `variables+${offset}` : found[0];
}

/** The address of each step's code and the rules that it serves, for the executable's source map. */
export function codeMap(image: LauncherImage, policy: Policy): readonly SourceMapEntry[] {
  const spans = new Map(enforceables(policy).map((node) => [node.id, node.origin.span]));
  return image.operations.flatMap((operation: Operation, index) =>
    operation.kind !== 'heading'
      ? []
      : operation.rules.flatMap((rule) => {
          const span = spans.get(rule);
          return span === undefined ? [] : [{ at: `0x${image.addresses[index]!.toString(16)}`, rule, span }];
        }),
  );
}
