import type { EditorDocument } from '../compiler/editor/document.ts';
import type { Result } from './compiler.ts';
import { folderOf } from './uris.ts';

/** So many files keep their findings. */
const most = 256;

/** Which report on a file the client was given last, for as long as it stays the same. */
interface Reported extends Pick<Result, 'asked' | 'listed'> {
  readonly resultId: string;
}

/** A compilation that is not at its end. */
interface Begun {
  readonly path: string;
  /** What it has asked for so far. */
  readonly asked: ReadonlySet<string>;
  /** True once something of it is another than it was. */
  isStale: boolean;
}

/** What was found in files that are not open. */
export class ClosedDocuments {
  readonly #results = new Map<string, Result>();
  /** Of all of them: clients ask every other second, and what has not changed is not compiled for that. */
  readonly #reported = new Map<string, Reported>();

  readonly #begun = new Set<Begun>();

  /** @param asked where the compilation notes what it asks for */
  begin(path: string, asked: ReadonlySet<string>): Begun {
    const begun = { path, asked, isStale: false };
    this.#begun.add(begun);
    return begun;
  }

  end(begun: Begun): void {
    this.#begun.delete(begun);
  }

  document(path: string): EditorDocument | undefined {
    return this.#results.get(path)?.document;
  }

  keep({ document, asked, listed }: Result): void {
    this.#results.set(document.path, {
      asked,
      listed,
      document: { ...document, current: undefined, lastGood: undefined },
    });
    for (const oldest of this.#results.keys()) {
      if (this.#results.size <= most) break;
      this.#results.delete(oldest);
    }
  }

  /** Whether the client has the report already that would be made. */
  hasReported(path: string, resultId: string): boolean {
    return this.#reported.get(path)?.resultId === resultId;
  }

  /** The client is given a report. */
  reported(path: string, resultId: string): void {
    const known = this.#results.get(path);
    // Whether a part of others is a policy that lacks something depends on who names it.
    if (known === undefined || known.document.diagnostics.some(({ code }) => code === 'POL2100')) return;
    this.#reported.set(path, { asked: known.asked, listed: known.listed, resultId });
  }

  /** Forgets what depends on a file. */
  changed(path: string): void {
    for (const each of this.#begun) if (each.path === path || hasAskedFor(each.asked, path)) each.isStale = true;
    for (const known of [this.#results, this.#reported]) {
      for (const [other, { asked, listed }] of known) {
        if (other === path || listed || asked.has(path)) known.delete(other);
      }
    }
  }

  forget(): void {
    for (const each of this.#begun) each.isStale = true;
    this.#results.clear();
    this.#reported.clear();
  }

  /** Every path that was asked for. */
  asked(): readonly string[] {
    return [...this.#results.values(), ...this.#reported.values()].flatMap(({ asked }) => [...asked]);
  }
}

/** For the file itself, or for which files there are in a folder above it. */
function hasAskedFor(asked: ReadonlySet<string>, path: string): boolean {
  for (let at = path; at !== ''; at = folderOf(at)) if (asked.has(at)) return true;
  return false;
}
