import { documentation, documentationIndex, findCode } from '../../compiler/diagnostics/docs.ts';
import { defineCommand } from '../command.ts';
import type * as DocsTopics from '../docs-topics.ts';
import { exitCode } from '../exit-codes.ts';
import { summaries } from '../summaries.ts';

/** Loaded for topics and groups only, with what they are made from: most ask what a code means. */
const loadTopics = (): typeof DocsTopics => require('../docs-topics.ts');

export const command = defineCommand(
  {
    name: 'docs',
    summary: summaries.docs,
    operands: '[CODE|@GROUP|TOPIC]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    get completes() {
      return loadTopics().knownWords();
    },
    options: {},
    get details() {
      return `Without a word it lists every code. Topics: ${loadTopics().topicNames.join(', ')}.`;
    },
    examples: [
      'polc docs POL3002',
      'polc docs groups',
      'polc docs @file-system',
      'polc docs sandbox',
      'polc docs adaptive',
    ],
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
  const found = findCode(word);
  if ('code' in found) return documentation(found.code);
  const { topicText, nearestWord } = loadTopics();
  const text = topicText(word);
  if (text !== undefined) return text;
  if (word.startsWith('@'))
    return { problem: `unknown group \`${word}\``, help: help(nearestWord(word), '`polc docs groups`') };
  if (/^(pol)?\d+$/i.test(word) || found.suggestion !== undefined)
    return { problem: `no diagnostic has the code \`${word}\``, help: help(found.suggestion, '`polc docs`') };
  return { problem: `there is nothing about \`${word}\``, help: help(nearestWord(word), '`polc docs --help`') };
}

function help(near: string | undefined, list: string): string {
  return near === undefined ? `${list} lists what there is` : `something with a similar name exists: \`${near}\``;
}
