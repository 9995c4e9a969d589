import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { AwsFailure } from '../../../runtime/aws/failure.ts';
import { abandonBuild } from '../../../runtime/launch/build/abandon.ts';
import { type OpenedCompilation, openCompilation } from '../../../runtime/launch/build/compilations.ts';
import type { BuildState } from '../../../runtime/launch/build/state.ts';
import { BuildStopped } from '../../../runtime/launch/build/world.ts';
import { exitCode } from '../../exit-codes.ts';
import { nodeHost } from '../../host.ts';
import { printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import type { Terminal } from '../../terminal.ts';
import { recordBuilds } from './audit.ts';
import type { GivenBuild } from './options.ts';
import { failedText, journalProblem } from './run.ts';
import { processWorld } from './world.ts';

/** Removes what a compilation has made, by its journal and its tag; without a journal by the tag, in `--regions`. */
export async function abandonById(id: string, given: GivenBuild, folder: string, terminal: Terminal): Promise<number> {
  const { world, release } = processWorld(given.parallel);
  const span = { file: folder, start: 0, end: 0 };
  let opened: OpenedCompilation | 'unknown' | 'held' | undefined;
  try {
    opened = openCompilation(folder, id, world);
    if (opened === 'held') return await stop(terminal, exitCode.environment, report('POL8332', span, { id }));
    // Without its journal a compilation is known by its tag, in the regions that are named.
    if (opened === 'unknown' && given.regions.length === 0) {
      return await stop(terminal, exitCode.environment, report('POL8333', span, { id, folder }));
    }
    const run = opened === 'unknown' ? undefined : opened.run;
    run?.note({ kind: 'abandon' });
    const regions = new Set([...given.regions, ...(run?.state.plan.places ?? []).map(({ region }) => region)]);
    const removed = await abandonBuild(
      {
        id,
        regions: [...regions],
        removing: run?.state.removing ?? [],
        noteRemoving: (region, image, snapshots) => run?.note({ kind: 'removing', region, image, snapshots }),
      },
      world,
    );
    run?.note({ kind: 'abandoned' });
    const unrecorded = run === undefined ? undefined : recordBuilds(given.audit, 'abandoned', [run.state]);
    const counts = Object.entries(removed).map(([kind, count]) => `${count} ${kind}`);
    if (given.format === 'json') terminal.write(`${JSON.stringify({ compilation_id: id, removed })}\n`);
    else terminal.write(`abandoned ${id}: removed ${counts.join(', ')}\n`);
    const named = run === undefined ? undefined : stillNamed(run.state);
    if (named !== undefined) await printDiagnostics([named], [], 'pretty', terminal);
    return unrecorded === undefined ? exitCode.fine : await stop(terminal, exitCode.environment, unrecorded);
  } catch (error) {
    const reason =
      error instanceof AwsFailure
        ? failedText(error)
        : error instanceof BuildStopped
          ? 'it was asked to stop'
          : undefined;
    const problem = reason === undefined ? journalProblem(error) : report('POL8337', span, { id, reason });
    if (problem === undefined) throw error;
    return await stop(terminal, exitCode.environment, problem);
  } finally {
    if (opened !== undefined && typeof opened !== 'string') opened.close();
    release();
  }
}

async function stop(terminal: Terminal, code: number, ...found: readonly Diagnostic[]): Promise<number> {
  await printDiagnostics(found, [], 'pretty', terminal);
  return code;
}

/** The images of a compilation that its template's file holds. */
function stillNamed({ plan: { file }, places }: BuildState): Diagnostic | undefined {
  const content = nodeHost.read(file);
  const text = content === undefined ? '' : Buffer.from(content).toString();
  const images = places.flatMap(({ image }) => (image !== undefined && text.includes(image) ? [image] : []));
  if (images.length === 0) return undefined;
  return report('POL8339', { file, start: 0, end: 0 }, { path: file, images: images.join(', ') });
}
