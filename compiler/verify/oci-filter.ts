import { type Architecture, architectures as everyArchitecture } from '../tables/architectures.ts';
import { field, items, OciDifference, onlyKeys } from './oci-reader.ts';

/** A rule of a filter as a runtime reads it. */
export interface ReadRule {
  /** With the number of an action that has one: `SCMP_ACT_ERRNO 1`. */
  readonly action: string;
  readonly args: readonly ReadArgument[];
  /** Equal for rules that say the same. */
  readonly key: string;
}

export interface ReadArgument {
  readonly index: number;
  readonly op: string;
  readonly value: bigint;
  readonly valueTwo: bigint;
}

export interface ReadFilter {
  readonly byDefault: string;
  readonly architectures: readonly Architecture[];
  readonly entries: readonly { readonly names: readonly string[]; readonly rule: ReadRule }[];
}

const tokens: Readonly<Record<string, Architecture>> = Object.fromEntries(
  everyArchitecture.map((architecture) => [`SCMP_ARCH_${architecture.toUpperCase()}`, architecture]),
);

/** Reads `linux.seccomp` (config-linux.md of the runtime specification); throws OciDifference for what it is not. */
export function readFilter(seccomp: unknown): ReadFilter {
  onlyKeys(seccomp, ['defaultAction', 'defaultErrnoRet', 'architectures', 'syscalls'], 'seccomp');
  return {
    byDefault: actionOf(seccomp, 'defaultAction', 'defaultErrnoRet'),
    architectures: items(field(seccomp, 'architectures')).map((token) => {
      const architecture = tokens[String(token)];
      if (architecture === undefined) throw new OciDifference(`the architecture ${String(token)}`);
      return architecture;
    }),
    entries: items(field(seccomp, 'syscalls')).map((entry) => {
      onlyKeys(entry, ['names', 'action', 'errnoRet', 'args'], 'an entry of seccomp.syscalls');
      return { names: items(field(entry, 'names')).map(String), rule: readRule(entry) };
    }),
  };
}

function readRule(entry: unknown): ReadRule {
  const action = actionOf(entry, 'action', 'errnoRet');
  const args = items(field(entry, 'args') ?? []).map(readArgument);
  const list = args.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`);
  return { action, args, key: `${action}(${list.join()})` };
}

function actionOf(holder: unknown, action: string, errno: string): string {
  const number = field(holder, errno);
  return number === undefined ? String(field(holder, action)) : `${String(field(holder, action))} ${String(number)}`;
}

function readArgument(argument: unknown): ReadArgument {
  onlyKeys(argument, ['index', 'value', 'valueTwo', 'op'], 'an argument');
  const index = Number(field(argument, 'index'));
  if (!Number.isInteger(index) || index < 0 || index > 5) throw new OciDifference(`the argument ${index}`);
  const op = String(field(argument, 'op'));
  const value = whole(field(argument, 'value'));
  const valueTwo = whole(field(argument, 'valueTwo') ?? 0);
  // Such a comparison looks as if it never held, but libseccomp drops those bits, so that it holds where others say no.
  if (op === 'SCMP_CMP_MASKED_EQ' && (valueTwo & ~value) !== 0n) {
    throw new OciDifference(`the value ${valueTwo} has bits outside the mask ${value}`);
  }
  return { index, op, value, valueTwo };
}

function whole(number: unknown): bigint {
  const text = String(number);
  if (!/^\d{1,20}$/.test(text)) throw new OciDifference(`${text} is no unsigned number`);
  const value = BigInt(text);
  if (value >= 1n << 64n) throw new OciDifference(`${text} has more than 64 bits`);
  return value;
}
