import { printPredicate } from '../../expressions/print.ts';
import { accessPresets } from './names.ts';
import { type Preset, presetRules } from './presets.ts';

/** What the reference says besides the keys: in which order rules decide, and what the presets hold. */
export function chapters(): readonly string[] {
  return [order, accesses(), presets()];
}

const order = `## Which rule decides

A system call is decided by the first that speaks of it:

1. the \`rules\` of the policy, in order;
2. its \`deny\`, \`log\` and \`allow\`;
3. the same of each policy that it \`extends\`, nearest first;
4. the preset of its \`level\` (in \`mode: hardened\`, that of \`high\`);
5. where \`default\` is an errno, calls that are newer than polc's table: ENOSYS, so that a C library falls back;
6. \`default\`.

An architecture that is not among \`architectures\` is killed before all that. Paths and capabilities are unions: what any
entry allows is allowed, and all else is denied. In the network, \`dns: disabled\` and scopes win over what is allowed.
`;

function accesses(): string {
  const rows = Object.entries(accessPresets).map(
    ([name, { doc, rights }]) => `| \`${name}\` | ${doc} | ${rights.map((right) => `\`${right}\``).join(', ')} |`,
  );
  return `## Accesses\n\n| access | meaning | Landlock rights |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function presets(): string {
  const levels: readonly Preset[] = ['low', 'medium', 'high'];
  const parts = levels.map((level, index) => {
    const before = index === 0 ? 0 : presetRules(levels[index - 1]!).length;
    const rules = presetRules(level).slice(before);
    const lines = rules.map(({ doc, when }) => `- ${doc}: \`${printPredicate(when)}\``);
    const intro = index === 0 ? 'Refuses:' : `What \`${levels[index - 1]}\` refuses, and:`;
    return `### \`${level}\`\n\n${intro}\n\n${lines.join('\n')}\n`;
  });
  return `## Levels\n\nWhat a level refuses is refused as \`default\` refuses, or with EPERM where the default allows.\n\n${parts.join('\n')}`;
}
