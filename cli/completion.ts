import type { CommandShape } from './command.ts';
import type { Option } from './options.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** A script that completes verbs, options and their values, made from what the commands declare. */
export function completionScript(shell: Shell, shapes: readonly CommandShape[]): string {
  switch (shell) {
    case 'bash':
      return bash(shapes);
    case 'zsh':
      return zsh(shapes);
    case 'fish':
      return fish(shapes);
  }
}

function choicesOf(option: Option): readonly string[] {
  return 'choices' in option ? (option.choices ?? []) : [];
}

function namesOf(name: string, option: Option): readonly string[] {
  return option.short === undefined ? [`--${name}`] : [`--${name}`, `-${option.short}`];
}

/** bash: `complete -F`; the word before the cursor decides between an option's value, options and operands. */
function bash(shapes: readonly CommandShape[]): string {
  const cases = shapes.map((shape) => {
    const values = Object.entries(shape.options).flatMap(([name, option]) => {
      const pattern = namesOf(name, option).join('|');
      if (option.type === 'flag') return [];
      const choices = choicesOf(option);
      if (choices.length > 0)
        return [`        ${pattern}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$word")); return ;;`];
      if (option.type === 'text' && option.completes === 'folders') {
        return [`        ${pattern}) compopt -o filenames; COMPREPLY=($(compgen -d -- "$word")); return ;;`];
      }
      if (option.type === 'text' && option.completes === 'files') {
        return [`        ${pattern}) compopt -o filenames; COMPREPLY=($(compgen -f -- "$word")); return ;;`];
      }
      return [`        ${pattern}) return ;;`];
    });
    const options = [...Object.keys(shape.options), 'help'].map((name) => `--${name}`).join(' ');
    return [
      `    ${shape.name})`,
      ...(values.length > 0 ? ['      case "$before" in', ...values, '      esac'] : []),
      `      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${options}" -- "$word"))`,
      `      else ${bashOperands(shape)}; fi ;;`,
    ].join('\n');
  });
  return `# bash completion for polc: source <(polc completion bash)
_polc() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${shapes.map((shape) => shape.name).join(' ')} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -F _polc polc
`;
}

function bashOperands(shape: CommandShape): string {
  if (shape.completes === undefined) return 'return';
  if (shape.completes === 'files') return 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$word"))';
  return `COMPREPLY=($(compgen -W "${shape.completes.join(' ')}" -- "$word"))`;
}

/** zsh: one `_arguments` per verb. */
function zsh(shapes: readonly CommandShape[]): string {
  const verbs = shapes.map((shape) => `    ${quote(`${shape.name}:${shape.summary}`)}`).join('\n');
  const cases = shapes.map((shape) => {
    const specs = Object.entries(shape.options).flatMap(([name, option]) =>
      namesOf(name, option).map((spelt) => quote(`*${spelt}[${zshText(option.doc)}]${zshValue(name, option)}`)),
    );
    specs.push(quote('--help[show the help]'));
    if (shape.completes === 'files') specs.push(quote('*:file:_files'));
    else if (shape.completes !== undefined) specs.push(quote(`*:word:(${shape.completes.join(' ')})`));
    return `    ${shape.name}) _arguments -s ${specs.join(' \\\n      ')} ;;`;
  });
  return `#compdef polc
# zsh completion for polc: polc completion zsh > a folder of $fpath, as _polc
_polc() {
  local -a verbs=(
${verbs}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${cases.join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _polc "$@"; else compdef _polc polc; fi
`;
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

/** fish: one `complete` line per verb and option. */
function fish(shapes: readonly CommandShape[]): string {
  const lines = [
    '# fish completion for polc: polc completion fish > ~/.config/fish/completions/polc.fish',
    'complete -c polc -f',
  ];
  for (const shape of shapes) {
    lines.push(`complete -c polc -n __fish_use_subcommand -a ${shape.name} -d ${fishQuote(shape.summary)}`);
    const within = `complete -c polc -n '__fish_seen_subcommand_from ${shape.name}'`;
    for (const [name, option] of Object.entries(shape.options)) {
      const short = option.short === undefined ? '' : ` -s ${option.short}`;
      const choices = choicesOf(option);
      const files = option.type === 'text' && option.completes !== undefined ? ' -F' : '';
      const value =
        option.type === 'flag' ? '' : ` -r${files}${choices.length > 0 ? ` -a ${fishQuote(choices.join(' '))}` : ''}`;
      lines.push(`${within} -l ${name}${short}${value} -d ${fishQuote(option.doc)}`);
    }
    if (shape.completes === 'files') lines.push(`${within} -F`);
    else if (shape.completes !== undefined) lines.push(`${within} -a ${fishQuote(shape.completes.join(' '))}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A word in single quotes for a POSIX shell and zsh. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
