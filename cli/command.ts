import { type Input, readArguments } from './arguments.ts';
import { exitCode } from './exit-codes.ts';
import { helpText } from './help.ts';
import type { OptionTable } from './options.ts';
import type { Terminal } from './terminal.ts';
import type { Verbs } from './verbs.ts';

/** What a command says of itself; the help, the parser and the shell completion are made from it. */
export interface CommandShape<T extends OptionTable = OptionTable> {
  readonly name: string;
  /** One line, from cli/summaries.ts. */
  readonly summary: string;
  /** The words after the options: `[PATH]...`, `-- COMMAND [ARGUMENT]...`; empty where there are none. */
  readonly operands: string;
  /** How many words there may be. */
  readonly operandCount: { readonly least: number; readonly most: number };
  /** What the shell completes the words with. */
  readonly completes?: 'files' | readonly string[];
  readonly options: T;
  /** Further help: paragraphs after the options. */
  readonly details?: string;
  readonly examples?: readonly string[];
}

/** A command with the types of its options sealed inside; `start` reads the words, runs it and gives its exit code. */
export interface Command {
  readonly shape: CommandShape;
  /** Of a noun: its verbs. */
  readonly verbs?: Verbs;
  start(words: readonly string[], terminal: Terminal): Promise<number>;
}

/** Each file of cli/commands/ exports one `command` made by this. */
export function defineCommand<const T extends OptionTable>(
  shape: CommandShape<T>,
  run: (input: Input<T>, terminal: Terminal) => number | Promise<number>,
): Command {
  return {
    shape,
    async start(words, terminal) {
      const reading = readArguments(shape, words);
      if (reading === 'help') {
        terminal.write(helpText(shape));
        return exitCode.fine;
      }
      if ('problem' in reading) {
        terminal.writeError(`polc ${shape.name}: ${reading.problem}\n  = help: ${reading.help}\n`);
        return exitCode.usage;
      }
      return run(reading, terminal);
    },
  };
}
