import { nearest } from '../compiler/diagnostics/suggest.ts';
import type { CommandShape } from './command.ts';
import type { Option, OptionTable, OptionValues } from './options.ts';

/** The words of a command line, read. */
export interface Input<T extends OptionTable> {
  readonly options: OptionValues<T>;
  readonly operands: readonly string[];
  /** The words after `--`, untouched; undefined where there was none. */
  readonly rest: readonly string[] | undefined;
}

/** What is wrong with a command line, and what to do: exit code 2. */
export interface UsageProblem {
  readonly problem: string;
  readonly help: string;
}

/**
 * Reads a command's words: `--name value`, `--name=value`, `-n value`, `-nvalue`, flags together as `-ab`, operands
 * anywhere, and everything after `--` untouched. `--help` and `-h` win over any mistake.
 */
export function readArguments<T extends OptionTable>(
  shape: CommandShape<T>,
  words: readonly string[],
): Input<T> | UsageProblem | 'help' {
  const end = words.indexOf('--');
  const own = end === -1 ? [...words] : words.slice(0, end);
  if (own.includes('--help') || own.includes('-h')) return 'help';

  const table: OptionTable = shape.options;
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) values[name] = initialValue(option);
  const operands: string[] = [];
  const seeHelp = `\`polc ${shape.name} --help\` lists the options`;

  for (let word = own.shift(); word !== undefined; word = own.shift()) {
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const split = splitOption(word, table);
    if (split === undefined) return unknownOption(word, table, seeHelp);
    const { name, option, attached, following } = split;
    if (option.type === 'flag') {
      if (attached !== undefined) return { problem: `\`--${name}\` takes no value`, help: seeHelp };
      values[name] = true;
      // `-ab` is `-a -b`.
      if (following !== undefined) own.unshift(`-${following}`);
      continue;
    }
    const value = attached ?? following ?? own.shift();
    if (value === undefined) return { problem: `\`--${name}\` needs a value: ${placeholder(option)}`, help: seeHelp };
    const problem = addValue(values, name, option, value);
    if (problem !== undefined) return { ...problem, help: problem.help === '' ? seeHelp : problem.help };
  }

  const { least, most } = shape.operandCount;
  if (operands.length < least) return { problem: `${shape.operands} is missing`, help: seeHelp };
  if (operands.length > most) {
    return {
      problem: `\`${operands[most]}\` was not expected`,
      help: `usage: ${['polc', shape.name, shape.operands].filter((word) => word !== '').join(' ')}`,
    };
  }
  const rest = end === -1 ? undefined : words.slice(end + 1);
  // Every name of the table has a value of its type by now; the type system cannot follow the loop.
  return { options: values as OptionValues<T>, operands, rest };
}

/** What stands for an option's value in messages and help. */
export function placeholder(option: Option): string {
  if (option.type === 'flag') return '';
  return option.type === 'choice' ? option.choices.join('|') : option.value;
}

function initialValue(option: Option): unknown {
  switch (option.type) {
    case 'flag':
      return false;
    case 'list':
      return [];
    case 'pairs':
      return new Map();
    default:
      return option.default;
  }
}

interface SplitOption {
  readonly name: string;
  readonly option: Option;
  /** After `=`. */
  readonly attached: string | undefined;
  /** After a short option in the same word. */
  readonly following: string | undefined;
}

function splitOption(word: string, table: OptionTable): SplitOption | undefined {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
    const own = Object.hasOwn(table, name)
      ? name
      : Object.keys(table).find((each) => table[each]?.also?.includes(name));
    const option = own === undefined ? undefined : table[own];
    const attached = equals === -1 ? undefined : word.slice(equals + 1);
    return own === undefined || option === undefined
      ? undefined
      : { name: own, option, attached, following: undefined };
  }
  const found = Object.entries(table).find(([, option]) => option.short === word[1]);
  if (found === undefined) return undefined;
  const following = word.length > 2 ? word.slice(2) : undefined;
  return { name: found[0], option: found[1], attached: undefined, following };
}

function unknownOption(word: string, table: OptionTable, seeHelp: string): UsageProblem {
  const name = word.split('=')[0]!;
  const near = name.startsWith('--') ? nearest(name.slice(2), [...Object.keys(table), 'help']) : undefined;
  const help = near === undefined ? seeHelp : `an option with a similar name exists: \`--${near}\``;
  return { problem: `unknown option \`${name}\``, help };
}

/** Adds a value in place; a problem without a help of its own has an empty one. */
function addValue(
  values: Record<string, unknown>,
  name: string,
  option: Exclude<Option, { type: 'flag' }>,
  value: string,
): UsageProblem | undefined {
  switch (option.type) {
    case 'text':
      values[name] = value;
      return undefined;
    case 'number': {
      const number = value.trim() === '' ? Number.NaN : Number(value);
      if (!Number.isFinite(number) || (option.whole && !Number.isInteger(number))) {
        return { problem: `\`--${name} ${value}\` is not a ${option.whole ? 'whole ' : ''}number`, help: '' };
      }
      if (option.minimum !== undefined && number < option.minimum) {
        return { problem: `\`--${name} ${value}\` is below ${option.minimum}`, help: '' };
      }
      values[name] = number;
      return undefined;
    }
    case 'choice':
      if (!option.choices.includes(value)) return badChoice(name, value, option.choices);
      values[name] = value;
      return undefined;
    case 'list': {
      const items = value.split(',').map((item) => item.trim());
      const wrong = items.find((item) => item === '' || (option.choices && !option.choices.includes(item)));
      if (wrong === '') return { problem: `\`--${name} ${value}\` has an empty item`, help: '' };
      if (wrong !== undefined) return badChoice(name, wrong, option.choices ?? []);
      const before = values[name];
      values[name] = [...(Array.isArray(before) ? before : []), ...items];
      return undefined;
    }
    case 'pairs': {
      const equals = value.indexOf('=');
      if (equals < 1) return { problem: `\`--${name} ${value}\` is not ${option.value}`, help: '' };
      const before = values[name];
      if (before instanceof Map) before.set(value.slice(0, equals), value.slice(equals + 1));
      return undefined;
    }
  }
}

function badChoice(name: string, value: string, choices: readonly string[]): UsageProblem {
  const near = nearest(value, choices);
  const list = choices.map((choice) => `\`${choice}\``).join(', ');
  const help = near === undefined ? `it is one of ${list}` : `did you mean \`${near}\`? It is one of ${list}`;
  return { problem: `\`--${name}\` cannot be \`${value}\``, help };
}
