import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import {
  type OpenedCompilation,
  openCompilation,
  readCompilation,
  readPlan,
} from '../../../runtime/launch/build/compilations.ts';
import { exitCode } from '../../exit-codes.ts';
import { printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import type { Terminal } from '../../terminal.ts';
import { imageSigner } from './image-signer.ts';
import type { GivenBuild } from './options.ts';
import { journalProblem, type RunResult, runCompilation } from './run.ts';
import { teller } from './transcript.ts';
import { type ProcessWorld, processWorld } from './world.ts';

/** Works on compilations, all at once, until each is complete or cannot go on. */
export async function workOn(
  ids: readonly string[],
  given: GivenBuild,
  folder: string,
  terminal: Terminal,
): Promise<number> {
  const { world, release } = processWorld(given.parallel);
  const isJson = given.format === 'json';
  const silent = { write() {}, progress() {} };
  try {
    const runs = ids.map(async (id): Promise<RunResult> => {
      const found = opened(id, folder, given, world, isJson ? silent : terminal);
      return 'diagnostics' in found ? found : runCompilation(found, folder, given.audit);
    });
    const results = await Promise.all(runs);
    terminal.progress('');
    const diagnostics = results.flatMap((each) => each.diagnostics);
    if (isJson) {
      const made = results.flatMap(({ result }) => result ?? []);
      terminal.write(`${JSON.stringify(ids.length === 1 ? (made[0] ?? null) : made, undefined, 2)}\n`);
    }
    if (diagnostics.length > 0) await printDiagnostics(diagnostics, [], 'pretty', terminal);
    return Math.max(...results.map(({ code }) => code));
  } finally {
    release();
  }
}

function opened(
  id: string,
  folder: string,
  given: GivenBuild,
  world: ProcessWorld['world'],
  terminal: Pick<Terminal, 'write' | 'progress'>,
): OpenedCompilation | RunResult {
  const span = { file: folder, start: 0, end: 0 };
  const failed = (...diagnostics: readonly Diagnostic[]) => ({ code: exitCode.environment, diagnostics });
  try {
    const plan = readPlan(folder, id);
    if (plan === undefined) return failed(report('POL8333', span, { id, folder }));
    if (readCompilation(folder, id, Date.now())?.status === 'abandoned') {
      const help = { help: `build it again with \`polc template build ${plan.template}\`` };
      return failed(report('POL8331', span, { id, reason: 'it was abandoned' }, help));
    }
    const signing = imageSigner(plan.signWith, given);
    if ('diagnostics' in signing) return { code: exitCode.policy, diagnostics: signing.diagnostics };
    const { signer } = signing;
    const tell = teller(plan, terminal);
    const found = openCompilation(folder, id, {
      ...world,
      ...(signer === undefined ? {} : { signer }),
      tell,
    });
    if (found === 'unknown') return failed(report('POL8333', span, { id, folder }));
    if (found === 'held') return failed(report('POL8332', span, { id }));
    // What an earlier run has completed nothing happens to, and is told of all the same.
    for (const place of found.run.state.places) if (place.complete) tell(place);
    return found;
  } catch (error) {
    const problem = journalProblem(error);
    if (problem === undefined) throw error;
    return failed(problem);
  }
}
