import { shellWord } from '../../../../shell-word.ts';

/** What a builder's script writes while it runs: `N/M TITLE` before each part, `end STATUS COMMAND` at its end. */
export const stagesFile = '/var/lib/polc/stages';

/** A part of a builder's script. */
export interface Stage {
  /** What people read while it runs; absent, it belongs to the part before. */
  readonly title?: string;
  readonly lines: readonly string[];
}

/** The lines that follow those of the script's head: whoever follows the builder reads the file, and nothing else tells. */
export const stageFunctions: readonly string[] = [
  '# How far it is, for polc, which follows the builder',
  `polc_stage() { mkdir -p /var/lib/polc; printf '%s\\n' "$*" >> ${stagesFile}; }`,
  `polc_end() { local status=$?; polc_stage end "$status" "\${1//$'\\n'/ }"; exit "$status"; }`,
  `trap 'polc_end "$BASH_COMMAND"' EXIT`,
];

/** The parts with the line that marks each. */
export function marked(stages: readonly Stage[]): readonly (readonly string[])[] {
  const all = stages.filter(({ title }) => title !== undefined).length;
  let count = 0;
  return stages.map(({ title, lines }) => {
    if (title === undefined) return lines;
    count += 1;
    return [`polc_stage ${count}/${all} ${shellWord(title)}`, ...lines];
  });
}

/** The titles of the parts of a script, in their order; none where it is no builder's. */
export function stageTitles(script: string): readonly string[] {
  return [...script.matchAll(/^polc_stage \d+\/\d+ (.+)$/gm)].map(([, title = '']) => title.replace(/^'|'$/g, ''));
}
