import { kindOf, placeOf } from '../../hook-programs/reference.ts';
import { constantValue } from '../../tables/constants.ts';
import { hookField, hookFields } from '../../tables/hook-fields.ts';
import { kernelConstants } from '../../tables/hook-structures.ts';
import { hookArguments, hookSince } from '../../tables/lsm-hooks.ts';

/** What the words of the language do, in a sentence. */
export const wordDocs: Readonly<Record<string, string>> = {
  hook: 'begins what is asked at a hook of the kernel',
  counter: 'counts the calls of the hook, in windows of time',
  by: 'what the counter counts apart',
  per: 'the length of the counter`s window, which begins with the first call that is counted in it',
  when: 'the condition under which the statement speaks of a call',
  audit: 'records the calls that the rule decides; with `when` alone, those for which the condition holds',
  allow: 'lets the call pass',
  deny: 'refuses the call with EPERM',
  errno: 'refuses the call with an error of its own',
  otherwise: 'decides what no rule has decided; without it, such a call passes',
  in: 'one of a list, in a range, or in a block of addresses',
  beneath: 'the path, or what lies in it; `*` and `?` stand for characters within one component',
  like: 'matches the pattern: `*` stands for any characters, `?` for one; in paths they do not cross a slash',
};

/** A hook, with its arguments in the kernel and what can be asked there. */
export function explainHook(hook: string): string {
  const since = hookSince(hook);
  const given = hookArguments(hook).map(({ name }) => name);
  const fields = hookFields(hook).map(({ name }) => `\`${name}\``);
  return [
    `\`${hook}(${given.join(', ')})\`${since === undefined ? '' : `, from Linux ${since} on`}`,
    fields.length === 0 ? 'Nothing can be asked here.' : `Has ${fields.join(', ')}.`,
  ].join('\n\n');
}

export function explainField(hook: string, name: string): string | undefined {
  const field = hookField(hook, name);
  if (field === undefined) return undefined;
  const names = field.constants?.map((prefix) => `\`${prefix}…\``).join(', ');
  return [
    `\`${name}\`: ${kindOf(field)}`,
    `${field.doc}${names === undefined ? '' : `; constants begin with ${names}`}. Read from ${placeOf(field)}.`,
    ...(field.given === undefined
      ? []
      : ['Only some calls have it; a comparison with it does not hold for the others.']),
  ].join('\n\n');
}

/** The value of a constant, on both architectures where they differ. */
export function explainConstant(name: string): string | undefined {
  const values = (['x86_64', 'aarch64'] as const).map(
    (architecture) => kernelConstants[name] ?? constantValue(name, architecture),
  );
  const [first, second] = values;
  if (first === undefined && second === undefined) return undefined;
  const text = (value: bigint | undefined) => (value === undefined ? 'none' : `0x${value.toString(16)}`);
  if (first === second) return `\`${name}\` is ${first!.toString()}, ${text(first)}`;
  return `\`${name}\` is ${text(first)} on x86_64 and ${text(second)} on aarch64`;
}
