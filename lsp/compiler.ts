import { type CompileOptions, type CompileStep, compileInSteps } from '../compiler/compile.ts';
import { readConfig } from '../compiler/configuration/config.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { report } from '../compiler/diagnostics/report.ts';
import { compiled, type EditorDocument } from '../compiler/editor/document.ts';
import { Memory } from '../compiler/memory/remembered.ts';
import type { Configurations } from './configurations.ts';
import type { Files } from './files.ts';

/** A document with what compiling it gave, and what that depends on. */
export interface Result {
  readonly document: EditorDocument;
  /** Every path that was asked for. */
  readonly asked: ReadonlySet<string>;
  /** True where the findings depend on what else lies in the workspace. */
  readonly listed: boolean;
}

/** Compiles documents one at a time, with one memory for all. Never throws: an exception becomes the diagnostic POL9000. */
export class Compiler {
  readonly #files: Files;
  readonly #configurations: Configurations;
  readonly #today: () => string;
  readonly #memory = new Memory();

  constructor(files: Files, configurations: Configurations, today: () => string) {
    this.#files = files;
    this.#configurations = configurations;
    this.#today = today;
  }

  /**
   * Compiles a document, with a stop after each step; what is not asked to go on is given up.
   *
   * @param asked takes every path that is asked for
   */
  *steps(document: EditorDocument, asked: Set<string> = new Set()): Generator<CompileStep, Result> {
    const { path, role, source } = document;
    try {
      if (role === 'configuration') {
        return { document: found(document, readConfig(path, source.text).diagnostics), asked, listed: false };
      }
      if (role === 'other') return { document: found(document, []), asked, listed: false };
      const options = { ...this.#options(path), parsed: document };
      const host = this.#files.host(asked, options.workspace);
      const compilation = yield* compileInSteps(path, source.text, host, options);
      // What a compilation before has read of the same files is not asked for again.
      for (const each of compilation.contents.keys()) asked.add(each);
      return { document: compiled(document, compilation), asked, listed: compilation.listed };
    } catch (bug) {
      return { document: found(document, [failure(path, bug)]), asked, listed: false };
    }
  }

  #options(path: string): CompileOptions & { readonly workspace: string } {
    const { config, folder } = this.#configurations.projectOf(path);
    const dialect = this.#configurations.dialectOf(path);
    return {
      target: config.target,
      accept: config.accept,
      severities: config.severities,
      ...(dialect === undefined ? {} : { dialect }),
      workspace: folder,
      today: this.#today(),
      memory: this.#memory,
      // What a busy machine does to a clock is nobody's mistake; a build has the gate.
      maximumMilliseconds: 0,
      findingsOnly: true,
    };
  }
}

function found(document: EditorDocument, diagnostics: readonly Diagnostic[]): EditorDocument {
  return { ...document, diagnostics };
}

function failure(path: string, bug: unknown): Diagnostic {
  const what = bug instanceof Error ? bug.message : String(bug);
  return report('POL9000', { file: path, start: 0, end: 0 }, { phase: 'parse', what });
}
