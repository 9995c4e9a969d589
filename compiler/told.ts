import type * as Scan from '../grammars/hook-programs/scan.ts';
import type { Diagnostic, Severity } from './diagnostics/diagnostic.ts';
import { withoutEchoes } from './diagnostics/echoes.ts';
import { inOrder } from './diagnostics/found.ts';
import { withSeverities } from './diagnostics/severities.ts';
import { type Suppressed, suppress } from './diagnostics/suppress.ts';
import type { LoadedFiles } from './dialects/loader.ts';
import { isHookProgram } from './hook-programs/file-name.ts';
import type { Comment } from './source/tree.ts';

const loadScan = (): typeof Scan => require('../grammars/hook-programs/scan.ts');

/** What decides which of a compilation's findings are told. */
export interface Telling {
  readonly files: LoadedFiles;
  /** Those of the policy itself. */
  readonly comments: readonly Comment[];
  readonly options: {
    readonly today?: string;
    readonly severities?: ReadonlyMap<string, Severity>;
    /** Those of one place, whose findings are not all that a policy has: a comment may allow another. */
    readonly backends?: unknown;
  };
}

export interface Told {
  readonly diagnostics: readonly Diagnostic[];
  readonly suppressed: readonly Suppressed[];
}

/** What is told of what was found: without echoes and what comments allow, as serious as the configuration says, in order. */
export function told(found: readonly Diagnostic[], telling: Telling): Told {
  const { kept, added, suppressed } = suppressedIn(found, telling);
  const { backends } = telling.options;
  const wrong = backends === undefined ? added : added.filter(({ code }) => code !== 'POL5093');
  return { diagnostics: asTold([...kept, ...wrong], telling), suppressed };
}

/** The same of an unfinished compilation: nothing is wrong with a comment that allows what is yet to be found. */
export function toldSoFar(found: readonly Diagnostic[], telling: Telling): readonly Diagnostic[] {
  return asTold([...suppressedIn(found, telling).kept], telling);
}

function suppressedIn(found: readonly Diagnostic[], { comments, files, options }: Telling) {
  return suppress(withoutEchoes(found), [...comments, ...commentsOfPrograms(files)], files.sources, options.today);
}

function asTold(diagnostics: readonly Diagnostic[], { files, options }: Telling): readonly Diagnostic[] {
  return inOrder(withSeverities([...diagnostics], options.severities), files.contents);
}

/** Hook programs are part of the policy that names them, and their comments allow what is found in them. */
function commentsOfPrograms({ sources }: LoadedFiles): readonly Comment[] {
  const comments: Comment[] = [];
  for (const [file, { text }] of sources) {
    if (!isHookProgram(file) || !text.includes('polc:')) continue;
    for (const { start, end } of loadScan().scan(text).comments) {
      comments.push({ span: { file, start, end }, text: text.slice(start + 1, end).trim() });
    }
  }
  return comments;
}
