import type { Span } from '../../source/span.ts';
import { positionAt, type SourceText } from '../../source/text.ts';
import type { Target } from '../../target.ts';
import type { CompiledText, EditorDocument } from '../document.ts';
import { type Made, makeTab, type TabPlace, tabsOf } from './tabs.ts';

/** Names a tab: `coverage`, `ir`, `lowered`, or an artifact such as `seccomp/x86_64.txt`. */
export type PreviewTabId = string;

/** A tab. Those of one `group` stand together: a group is a backend, or one of the compiler's own views. */
export interface PreviewTab {
  readonly id: PreviewTabId;
  readonly group: string;
  readonly title: string;
}

/** What a text is, for its colours and for the editor that it is opened in. */
export type PreviewLanguage = 'listing' | 'wat' | 'json' | 'yaml' | 'ir' | 'coverage' | 'text';

/** A place in the policy, or in a file that it extends: lines and columns from 0, in UTF-16 code units. */
export interface PolicyPlace {
  readonly file: string;
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** Lines of an artifact, from 0 and both included, and where in the policy they come from. */
export interface PreviewLink {
  readonly first: number;
  readonly last: number;
  readonly place: PolicyPlace;
}

/** How much of what a target allows is used: characters of a policy, instructions of a filter. */
export interface PreviewQuota {
  readonly used: number;
  readonly most: number;
  readonly unit: string;
}

export interface PreviewContent {
  readonly tab: PreviewTabId;
  readonly language: PreviewLanguage;
  readonly text: string;
  readonly links: readonly PreviewLink[];
  readonly quota?: PreviewQuota;
}

/** Why what is shown is not of the text as it is now. */
export interface PreviewProblem {
  readonly code: string;
  readonly message: string;
  readonly place: PolicyPlace;
}

/** What an open document becomes. */
export interface Preview {
  /** The version of the document that was asked about, and the one that is shown. */
  readonly version: number;
  readonly shownVersion: number;
  readonly tabs: readonly PreviewTab[];
  /** Absent where nothing can be shown. */
  readonly content?: PreviewContent;
  /** The text of the same tab, of the last saved policy; absent where it was not asked for or there is none. */
  readonly savedText?: string;
  /** Present where the text as it is now cannot be compiled: what is shown is of an earlier version. */
  readonly problem?: PreviewProblem;
}

export interface PreviewWanted {
  /** The tab whose content is wanted; the first one there is, where it is absent or the policy has none of the name. */
  readonly tab?: PreviewTabId;
  readonly target: Target;
  /** The last saved text, compiled, where the change against it is wanted. */
  readonly saved?: CompiledText;
  /** What a file is called in the places; default: its path. Servers give its URI. */
  readonly nameOf?: (path: string) => string;
}

/**
 * The preview of a document that has been compiled. A broken one shows its last version without errors, and why. Where
 * it never had one, it shows what could be made of it, such as the IR and the coverage of a policy that loses a rule.
 */
export function previewOf(document: EditorDocument, wanted: PreviewWanted): Preview {
  const { tab, target, saved, nameOf = (path) => path } = wanted;
  const { current, lastGood, version } = document;
  const shown = current?.compilation.ok === true ? current : (lastGood ?? current);
  const problem = problemOf(document, nameOf);
  const head = { version, ...(problem === undefined ? {} : { problem }) };
  if (shown === undefined) return { ...head, shownVersion: version, tabs: [] };
  const places = tabsOf(shown.compilation);
  const tabs = places.map(({ id, group, title }) => ({ id, group, title }));
  const place = places.find(({ id }) => id === tab) ?? places[0];
  if (place === undefined) return { ...head, shownVersion: shown.version, tabs };
  const savedText = saved === undefined ? undefined : textOf(saved, place, target);
  return {
    ...head,
    shownVersion: shown.version,
    tabs,
    content: contentOf(makeTab(place, shown.compilation, target), place, placesIn(shown.compilation.sources, nameOf)),
    ...(savedText === undefined ? {} : { savedText }),
  };
}

function textOf({ compilation }: CompiledText, { id }: TabPlace, target: Target): string | undefined {
  const same = tabsOf(compilation).find((each) => each.id === id);
  return same === undefined ? undefined : makeTab(same, compilation, target).text;
}

function contentOf({ language, text, ties, quota }: Made, { id }: TabPlace, placeOf: Places): PreviewContent {
  const links = ties.flatMap(({ first, last, span }) => {
    const place = placeOf(span);
    return place === undefined ? [] : [{ first, last, place }];
  });
  return { tab: id, language, text, links, ...(quota === undefined ? {} : { quota }) };
}

function problemOf({ current }: EditorDocument, nameOf: (path: string) => string): PreviewProblem | undefined {
  const error = current?.compilation.diagnostics.find(({ severity }) => severity === 'error');
  if (current === undefined || error === undefined) return undefined;
  const { code, message, span } = error;
  const start = { line: 0, character: 0 };
  const place = placesIn(current.compilation.sources, nameOf)(span);
  return { code, message, place: place ?? { file: nameOf(span.file), start, end: start } };
}

type Places = (span: Span) => PolicyPlace | undefined;

/** Few spans are asked for many times. */
function placesIn(sources: ReadonlyMap<string, SourceText>, nameOf: (path: string) => string): Places {
  const known = new Map<Span, PolicyPlace>();
  return (span) => {
    const before = known.get(span);
    const source = sources.get(span.file);
    if (before !== undefined || source === undefined) return before;
    const [from, to] = [positionAt(source, span.start), positionAt(source, span.end)];
    const place = {
      file: nameOf(span.file),
      start: { line: from.line, character: from.column },
      end: { line: to.line, character: to.column },
    };
    known.set(span, place);
    return place;
  };
}
