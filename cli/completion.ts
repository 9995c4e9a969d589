import { quotedWord } from '../compiler/shell-word.ts';
import type { CommandShape } from './command.ts';
import type { Option } from './options.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** A verb, or a noun with the verbs that it has. */
export interface Completed {
  /** What is typed. */
  readonly word: string;
  readonly shape: CommandShape;
  readonly verbs?: readonly Completed[];
}

/** A script that completes verbs, options and their values, made from what the commands declare. */
export function completionScript(shell: Shell, verbs: readonly Completed[]): string {
  switch (shell) {
    case 'bash':
      return bash(verbs);
    case 'zsh':
      return zsh(verbs);
    case 'fish':
      return fish(verbs);
  }
}

function choicesOf(option: Option): readonly string[] {
  return 'choices' in option ? (option.choices ?? []) : [];
}

function namesOf(name: string, option: Option): readonly string[] {
  return option.short === undefined ? [`--${name}`] : [`--${name}`, `-${option.short}`];
}

/** bash: `complete -F`; the word before the cursor decides between an option's value, options and operands. */
function bash(verbs: readonly Completed[]): string {
  return `# bash completion for polc: source <(polc completion bash)
_polc() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
${bashVerbs(verbs, 1, ['--help', '--version'])}
}
complete -F _polc polc
`;
}

/** @param at of the verb among the words */
function bashVerbs(verbs: readonly Completed[], at: number, options: readonly string[]): string {
  return [
    `if [[ $COMP_CWORD -eq ${at} ]]; then`,
    `  COMPREPLY=($(compgen -W "${[...verbs.map(({ word }) => word), ...options].join(' ')}" -- "$word"))`,
    '  return',
    'fi',
    `case "\${COMP_WORDS[${at}]}" in`,
    ...verbs.map((verb) => {
      const body = verb.verbs === undefined ? bashWords(verb.shape) : bashVerbs(verb.verbs, at + 1, ['--help']);
      return `  ${verb.word})\n${indented(body, '  ')} ;;`;
    }),
    'esac',
  ]
    .map((line) => indented(line, '  '))
    .join('\n');
}

function bashWords(shape: CommandShape): string {
  const values = Object.entries(shape.options).flatMap(([name, option]) => {
    const pattern = namesOf(name, option).join('|');
    if (option.type === 'flag') return [];
    const choices = choicesOf(option);
    if (choices.length > 0)
      return [`${pattern}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$word")); return ;;`];
    if (option.type === 'text' && option.completes === 'folders') {
      return [`${pattern}) compopt -o filenames; COMPREPLY=($(compgen -d -- "$word")); return ;;`];
    }
    if (option.type === 'text' && option.completes === 'files') {
      return [`${pattern}) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;`];
    }
    return [`${pattern}) return ;;`];
  });
  const options = [...Object.keys(shape.options), 'help'].map((name) => `--${name}`).join(' ');
  return [
    ...(values.length > 0 ? ['case "$before" in', ...values.map((value) => `  ${value}`), 'esac'] : []),
    `if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${options}" -- "$word"))`,
    `else ${bashOperands(shape)}; fi`,
  ]
    .map((line) => indented(line, '  '))
    .join('\n');
}

function bashOperands(shape: CommandShape): string {
  if (shape.completes === undefined) return 'return';
  if (shape.completes === 'files') return 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$word"))';
  return `COMPREPLY=($(compgen -W "${shape.completes.join(' ')}" -- "$word"))`;
}

/** zsh: one `_arguments` per verb. */
function zsh(verbs: readonly Completed[]): string {
  return `#compdef polc
# zsh completion for polc: polc completion zsh > a folder of $fpath, as _polc
_polc() {
${zshVerbs(verbs)}
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _polc "$@"; else compdef _polc polc; fi
`;
}

function zshVerbs(verbs: readonly Completed[]): string {
  return [
    'local -a verbs=(',
    ...verbs.map(({ word, shape }) => `  ${quotedWord(`${word}:${shape.summary}`)}`),
    ')',
    'if (( CURRENT == 2 )); then',
    '  _describe verb verbs',
    '  return',
    'fi',
    'shift words',
    '(( CURRENT-- ))',
    'case $words[1] in',
    ...verbs.map(({ word, shape, verbs: own }) => {
      if (own !== undefined) return `  ${word})\n${indented(zshVerbs(own), '  ')} ;;`;
      return `  ${word}) _arguments -s ${zshWords(shape).join(' \\\n      ')} ;;`;
    }),
    'esac',
  ]
    .map((line) => indented(line, '  '))
    .join('\n');
}

function zshWords(shape: CommandShape): readonly string[] {
  const specs = Object.entries(shape.options).flatMap(([name, option]) =>
    namesOf(name, option).map((spelt) => quotedWord(`*${spelt}[${zshText(option.doc)}]${zshValue(name, option)}`)),
  );
  specs.push(quotedWord('--help[show the help]'));
  if (shape.completes === 'files') specs.push(quotedWord('*:file:_files'));
  else if (shape.completes !== undefined) specs.push(quotedWord(`*:word:(${shape.completes.join(' ')})`));
  return specs;
}

function zshValue(name: string, option: Option): string {
  if (option.type === 'flag') return '';
  const choices = choicesOf(option);
  if (choices.length > 0) return `:${name}:(${choices.join(' ')})`;
  if (option.type === 'text' && option.completes !== undefined) {
    return option.completes === 'folders' ? `:${name}:_files -/` : `:${name}:_files`;
  }
  return `:${name}: `;
}

/** Brackets and colons have a meaning in a specification of `_arguments`. */
function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

/** fish: one `complete` line per verb and option, each where the words before are these. */
function fish(verbs: readonly Completed[]): string {
  return `# fish completion for polc: polc completion fish > ~/.config/fish/completions/polc.fish
function __polc_after
    set -l words (commandline -opc)
    test (count $words) -gt (count $argv); or return 1
    test (count $argv) -eq 0; and return
    set -l last (math 1 + (count $argv))
    test "$words[2..$last]" = "$argv"
end
function __polc_next
    test (count (commandline -opc)) -eq (math 1 + (count $argv)); and __polc_after $argv
end
complete -c polc -f
${fishVerbs(verbs, []).join('\n')}
`;
}

function fishVerbs(verbs: readonly Completed[], before: readonly string[]): readonly string[] {
  const next = ['__polc_next', ...before].join(' ');
  return verbs.flatMap(({ word, shape, verbs: own }) => [
    `complete -c polc -n ${fishQuote(next)} -a ${word} -d ${fishQuote(shape.summary)}`,
    ...(own === undefined ? fishWords(shape, [...before, word]) : fishVerbs(own, [...before, word])),
  ]);
}

function fishWords(shape: CommandShape, verb: readonly string[]): readonly string[] {
  const within = `complete -c polc -n ${fishQuote(`__polc_after ${verb.join(' ')}`)}`;
  const lines = Object.entries(shape.options).map(([name, option]) => {
    const short = option.short === undefined ? '' : ` -s ${option.short}`;
    const choices = choicesOf(option);
    const files = option.type === 'text' && option.completes !== undefined;
    const words = choices.length > 0 ? ` -a ${fishQuote(choices.join(' '))}` : '';
    const value = option.type === 'flag' ? '' : files ? ' -r -F' : ` -x${words}`;
    return `${within} -l ${name}${short}${value} -d ${fishQuote(option.doc)}`;
  });
  if (shape.completes === 'files') lines.push(`${within} -F`);
  else if (shape.completes !== undefined) lines.push(`${within} -a ${fishQuote(shape.completes.join(' '))}`);
  return lines;
}

function indented(text: string, by: string): string {
  return text.replace(/^(?=.)/gm, by);
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
