import { resolve } from 'node:path';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { makeFolders } from '../../folders.ts';
import { abandonById } from '../../launch/build/abandon.ts';
import { beginBuilds } from '../../launch/build/begin.ts';
import { buildOptions, type GivenBuild, usageProblem } from '../../launch/build/options.ts';
import { detach } from '../../launch/build/run.ts';
import { workOn } from '../../launch/build/work.ts';
import { buildsFolder } from '../../launch/places.ts';
import { printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { templateSummaries } from '../../summaries.ts';
import type { Terminal } from '../../terminal.ts';

export const command = defineCommand(
  {
    name: 'template build',
    summary: templateSummaries.build,
    operands: '[NAME|FILE]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: buildOptions,
    details:
      'A builder for each region and architecture becomes what the template says, and its image carries the policy in its tags. Each step is in a journal before it is made, so that `--resume ID` goes on after Ctrl-C, a crash or a failure, and `--abandon ID` leaves nothing. The images are written below `precompiled_amis` of the template. Ends with 1 where a template is wrong or its script failed, with 3 where AWS or the machine refused, with 4 where the profile may not use a template or what it builds on.',
    examples: [
      'polc template build python-ml --regions us-west-2,eu-west-1 --architectures x86_64,arm64',
      'polc template build institutional-python --sign-with univ-it-2026 --copy-from us-west-2',
      'polc template build --batch class-templates --detach',
      'polc template build --resume python-ml-20261124t093000-0a1b2c3d',
    ],
  },
  async ({ options: given, operands }, terminal) => {
    const wrong = usageProblem(given, operands);
    if (wrong !== undefined) {
      terminal.writeError(`polc template build: ${wrong.problem}\n  = help: ${wrong.help}\n`);
      return exitCode.usage;
    }
    const folder = resolve(buildsFolder(given.builds));
    try {
      makeFolders(folder, 0o700);
    } catch (error) {
      const span = { file: folder, start: 0, end: 0 };
      const failed = report('POL8003', span, { path: folder, reason: failureText(error) });
      await printDiagnostics([failed], [], 'pretty', terminal);
      return exitCode.environment;
    }
    if (given.abandon !== undefined) return abandonById(given.abandon, given, folder, terminal);
    const ids = given.resume === undefined ? await beginBuilds(given, operands, folder, terminal) : [given.resume];
    if (typeof ids === 'number') return ids;
    return given.detach ? detachAll(ids, given, folder, terminal) : workOn(ids, given, folder, terminal);
  },
);

/** Each in a process of its own. */
async function detachAll(
  ids: readonly string[],
  given: GivenBuild,
  folder: string,
  terminal: Terminal,
): Promise<number> {
  const words = [
    ...['--builds', folder, '--parallel', String(given.parallel)],
    ...(given.keys === undefined ? [] : ['--keys', resolve(given.keys)]),
    ...(given.audit === undefined ? [] : ['--audit', resolve(given.audit)]),
    ...(given.trust === undefined ? [] : ['--trust', resolve(given.trust)]),
  ];
  for (const id of ids) {
    const problem = detach(id, folder, words);
    if (problem !== undefined) {
      const span = { file: folder, start: 0, end: 0 };
      await printDiagnostics([report('POL8331', span, { id, reason: problem })], [], 'pretty', terminal);
      return exitCode.environment;
    }
    if (given.format === 'json') terminal.write(`${JSON.stringify({ compilation_id: id })}\n`);
    else terminal.write(`→ Follow it with: polc template status ${id}\n`);
  }
  return exitCode.fine;
}
