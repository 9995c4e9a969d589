import { documentation, documentationIndex, findCode } from '../../compiler/diagnostics/docs.ts';
import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { dialects } from '../../compiler/dialects/index.ts';
import type * as DialectReference from '../../compiler/dialects/reference.ts';
import { defineCommand } from '../command.ts';
import type * as ConfigReference from '../config-reference.ts';
import { exitCode } from '../exit-codes.ts';
import type * as GroupDocs from '../syscall-group-docs.ts';

/** Loaded for the topics only: most ask what a code means. */
const load = {
  dialect: (): typeof DialectReference => require('../../compiler/dialects/reference.ts'),
  configuration: (): typeof ConfigReference => require('../config-reference.ts'),
  groups: (): typeof GroupDocs => require('../syscall-group-docs.ts'),
};

/** What is explained by a name of its own; codes and groups have theirs. */
const topics: Readonly<Record<string, () => string>> = {
  groups: () => load.groups().groupIndex(),
  configuration: () => load.configuration().configReference(),
  ...Object.fromEntries(dialects.map((dialect) => [dialect.name, () => load.dialect().dialectReference(dialect)])),
};

export const command = defineCommand(
  {
    name: 'docs',
    summary: 'explain diagnostics, groups of system calls, dialects and the configuration',
    operands: '[CODE|@GROUP|TOPIC]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    get completes() {
      return [...Object.keys(topics), ...load.groups().knownGroups()];
    },
    options: {},
    details: `Without a word it lists every code. Topics: ${Object.keys(topics).join(', ')}.`,
    examples: ['polc docs POL3002', 'polc docs groups', 'polc docs @file-system', 'polc docs sandbox'],
  },
  ({ operands }, terminal) => {
    if (operands.length === 0) {
      terminal.write(documentationIndex());
      return exitCode.fine;
    }
    const texts: string[] = [];
    for (const word of operands) {
      const text = textAbout(word);
      if (typeof text !== 'string') {
        terminal.writeError(`polc docs: ${text.problem}\n  = help: ${text.help}\n`);
        return exitCode.usage;
      }
      texts.push(text);
    }
    terminal.write(texts.join('\n'));
    return exitCode.fine;
  },
);

function textAbout(word: string): string | { readonly problem: string; readonly help: string } {
  if (word.startsWith('@')) {
    const { groupText, knownGroups } = load.groups();
    return (
      groupText(word) ?? {
        problem: `unknown group \`${word}\``,
        help: help(nearest(word, knownGroups()), '`polc docs groups`'),
      }
    );
  }
  if (Object.hasOwn(topics, word)) return topics[word]!();
  const found = findCode(word);
  if ('code' in found) return documentation(found.code);
  if (/^(pol)?\d+$/i.test(word) || found.suggestion !== undefined)
    return { problem: `no diagnostic has the code \`${word}\``, help: help(found.suggestion, '`polc docs`') };
  const near = nearest(word, Object.keys(topics)) ?? nearest(`@${word}`, load.groups().knownGroups());
  return { problem: `there is nothing about \`${word}\``, help: help(near, '`polc docs --help`') };
}

function help(near: string | undefined, list: string): string {
  return near === undefined ? `${list} lists what there is` : `something with a similar name exists: \`${near}\``;
}
