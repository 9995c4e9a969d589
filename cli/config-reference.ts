import { configShape } from '../compiler/configuration/config.ts';
import { referencePage } from '../compiler/schema/reference.ts';

/** The reference of `polc.config.yaml`, in Markdown: `polc docs configuration`, docs/configuration.md. */
export function configReference(note: readonly string[] = []): string {
  return referencePage('The configuration', [...note, ...introduction], configShape.description);
}

const introduction = [
  `\`polc.config.yaml\` says how the policies of one project are built. \`polc build\`, \`check\`, \`explain\` and \`run\` read the
nearest one in the current folder or above it; the search ends at the folder that holds \`.git\`. One above the current folder that belongs to neither root nor the user
is ignored with a warning. Every key is optional, and
so is the file.`,
  `Its folder is the workspace of the policies below it: they may pull in each other, and nothing from outside,
also not over a symbolic link. A file that
is wrong ends the command with exit code 1 (\`run\`: 125), and nothing is written. \`run\` builds for the machine it is on,
whatever \`target\` says.`,
  `\`\`\`yaml
dialects:
  sandbox: ["policies/**/*.yaml"]
target:
  architectures: [x86_64]
  kernel: 6.1
severities:
  POL5003: error
accept:
  - { loss: disk, because: the image has a quota of its own }
\`\`\``,
];
