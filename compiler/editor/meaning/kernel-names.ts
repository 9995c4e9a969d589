import { parseAction, verdictDocs } from '../../dialects/sandbox/actions.ts';
import { accessPresets, basicStartDoc, noAccess } from '../../dialects/sandbox/names.ts';
import { architectures } from '../../tables/architectures.ts';
import { capabilityBit, capabilityDoc, capabilitySince } from '../../tables/capabilities.ts';
import { constantValue } from '../../tables/constants.ts';
import { errnoName } from '../../tables/errno.ts';
import { kernelOfLandlockAbi, landlockRight } from '../../tables/landlock.ts';
import { basicStart } from '../../tables/program-start.ts';
import { argumentNames } from '../../tables/syscall-arguments.ts';
import { syscallDoc } from '../../tables/syscall-docs.ts';
import { groupDoc, groupMembers, groupNames } from '../../tables/syscall-groups.ts';
import { syscallSince } from '../../tables/syscall-versions.ts';
import { isSyscall, syscallNumber } from '../../tables/syscalls.ts';
import type { KernelVersion } from '../../target.ts';
import { counted, type Explanation, listed } from './explanation.ts';

/** A system call: what it does, its arguments, since when, its numbers and groups; or the calls of a group. */
export function explainSyscall(name: string): Explanation | undefined {
  if (name === '@basic-start') {
    const calls = basicStart('x86_64', 'kill');
    return {
      short: `≈ ${counted(calls.length, 'call')}`,
      paragraphs: [
        `${basicStartDoc}; which they are depends on the architecture and on what the default does`,
        `On x86_64, where the default kills: ${counted(calls.length, 'call')}: ${listed(calls)}`,
      ],
    };
  }
  const members = groupMembers(name);
  if (members !== undefined) {
    const doc = groupDoc(name);
    const count = counted(members.length, 'call');
    return { short: count, paragraphs: [...(doc === undefined ? [] : [doc]), `${count}: ${listed(members)}`] };
  }
  if (!isSyscall(name)) return undefined;
  const given = argumentNames(name);
  const doc = syscallDoc(name);
  const since = syscallSince(name);
  const numbers = architectures.flatMap((architecture) => {
    const number = syscallNumber(architecture, name);
    return number === undefined ? [] : [`${architecture} ${number}`];
  });
  const groups = groupNames().filter((group) => group !== '@known' && groupMembers(group)?.includes(name));
  return {
    paragraphs: [
      ...(given === undefined ? [] : [`\`${name}(${given.join(', ')})\``]),
      ...(doc === undefined ? [] : [doc]),
      ...(since === undefined ? [] : [`since Linux ${versionText(since)}`]),
      `numbers: ${numbers.join(', ')}`,
      ...(groups.length === 0 ? [] : [`in ${listed(groups)}`]),
    ],
  };
}

/** A capability by its name with or without `CAP_`. */
export function explainCapability(text: string): Explanation | undefined {
  const name = text.toLowerCase().replace(/^cap_/, '');
  const bit = capabilityBit(name);
  if (bit === undefined) return undefined;
  const since = capabilitySince(name);
  return {
    paragraphs: [
      ...sentences(capabilityDoc(name)),
      `\`CAP_${name.toUpperCase()}\`, number ${bit}${since === undefined ? '' : `, since Linux ${versionText(since)}`}`,
    ],
  };
}

/** A preset of `access:` or a right of Landlock. */
export function explainAccess(name: string): Explanation | undefined {
  const preset = Object.hasOwn(accessPresets, name) ? accessPresets[name] : undefined;
  if (preset !== undefined) {
    return {
      short: counted(preset.rights.length, 'right'),
      paragraphs: [preset.doc, `rights: ${listed(preset.rights)}`],
    };
  }
  if (name === noAccess) return { paragraphs: ['nothing, whatever other entries allow'] };
  const right = landlockRight(name);
  if (right === undefined) return undefined;
  const kernel = kernelOfLandlockAbi(right.abi);
  return {
    paragraphs: [
      `\`LANDLOCK_ACCESS_FS_${name.toUpperCase()}\`, from Landlock ABI ${right.abi}${kernel === undefined ? '' : ` (Linux ${versionText(kernel)})`}`,
      ...(right.onFiles ? [] : ['of folders only: no rule on a single file can grant it']),
    ],
  };
}

/** A verdict of seccomp(2); with `isDefault`, `deny` is one too. */
export function explainVerdict(text: string, isDefault: boolean): Explanation | undefined {
  if (isDefault && text === 'deny')
    return { paragraphs: [`the same as \`kill-process\`: ${verdictDocs['kill-process']}`] };
  const effect = parseAction(text);
  if (!('kind' in effect)) return undefined;
  const doc = Object.hasOwn(verdictDocs, text) ? verdictDocs[text] : undefined;
  if (effect.kind === 'errno') {
    const name = errnoName(effect.errno);
    const isNumber = /\d/.test(text);
    return {
      ...(isNumber && name !== undefined ? { short: name } : {}),
      paragraphs: [`the call is not made, and fails with ${name ?? 'errno'} (${effect.errno})`],
    };
  }
  if (effect.kind === 'trap' || effect.kind === 'trace') {
    return { paragraphs: [`${verdictDocs[effect.kind]}; it is handed the number ${effect.data}`] };
  }
  return doc === undefined ? undefined : { paragraphs: [doc] };
}

/** A constant of the kernel's interface, with its value on each architecture that has it. */
export function explainConstant(name: string): Explanation | undefined {
  const values = architectures.flatMap((architecture) => {
    const value = constantValue(name, architecture);
    return value === undefined ? [] : [{ architecture, text: `${value} (0x${value.toString(16)})` }];
  });
  const [first] = values;
  if (first === undefined) return undefined;
  const isSame = values.every(({ text }) => text === first.text);
  const where = values.map(({ architecture }) => architecture);
  return {
    paragraphs: isSame
      ? [`\`${name}\` = ${first.text}${where.length < architectures.length ? `, on ${where.join(', ')}` : ''}`]
      : [`\`${name}\``, values.map(({ architecture, text }) => `${architecture}: ${text}`).join(', ')],
  };
}

function versionText({ major, minor }: KernelVersion): string {
  return `${major}.${minor}`;
}

function sentences(doc: string | undefined): readonly string[] {
  return doc === undefined ? [] : [doc];
}
