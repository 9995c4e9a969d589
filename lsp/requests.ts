import type { Range } from 'vscode-languageserver';
import type { Preview, PreviewTabId } from '../compiler/editor/preview/preview.ts';

/**
 * What clients may ask besides what the Language Server Protocol has; the extension for VS Code does, and docs/editors.md
 * describes it for others. Documents are named by their URIs.
 */

/** What polc takes a text for that is open as something else, such as plain YAML. */
export const recogniseRequest = 'polc/recognise';
export interface RecogniseParameters {
  readonly uri: string;
  readonly text: string;
}
export interface Recognised {
  /** `other` is what is none of polc's business. */
  readonly role: 'policy' | 'configuration' | 'other';
  readonly dialect: string | null;
}

/** What an open document becomes, as it is now: the tabs, and the content of one. Null where it is not open. */
export const previewRequest = 'polc/preview';
export interface PreviewParameters {
  readonly textDocument: { readonly uri: string };
  /** The tab whose content is wanted; the first one there is, where it is absent or this policy has none of the name. */
  readonly tab?: PreviewTabId;
  /** Whether the same tab of the last saved text is wanted too. */
  readonly saved?: boolean;
}
/** Files in it are URIs. */
export type PreviewAnswer = Preview | null;

/** How the last compilation of an open document went. Null where it is not open. */
export const statusRequest = 'polc/status';
export interface StatusParameters {
  readonly textDocument: { readonly uri: string };
}
export interface Status {
  readonly dialect: string | null;
  /** What it is compiled for, of each platform of its dialect: `kernel` to `6.12`. */
  readonly target: Readonly<Record<string, string | number>>;
  readonly milliseconds: number;
}

/**
 * What the server asks a client that says `experimental.polcFiles`, of files that it cannot read itself: all of them in the
 * worker of a browser, else those whose URIs are not of the scheme `file`.
 */
export const readFilesRequest = 'polc/readFiles';
export interface ReadFilesParameters {
  readonly uris: readonly string[];
}
export interface FilesRead {
  /** The bytes of each in base64; null where there is no such file. */
  readonly contents: readonly (string | null)[];
}

/** The YAML files in a folder and below it, but for those in hidden folders and in `node_modules`. */
export const listFilesRequest = 'polc/listFiles';
export interface ListFilesParameters {
  readonly uri: string;
  /** The list is null where there are more. */
  readonly most: number;
  /**
   * Whether folders that cannot be read, or are deeper than the client cares to look, are to be left out and named as `skipped`. Where
   * it is false or absent there is no list then.
   */
  readonly partial?: boolean;
}
export interface FilesListed {
  readonly uris: readonly string[] | null;
  readonly skipped?: readonly string[];
}

/** The tests that a policy has under `tests`; `polc test` asks them. Null where there is no such policy. */
export const testsRequest = 'polc/tests';
export interface TestsParameters {
  readonly textDocument: { readonly uri: string };
}
export interface TestPlace {
  readonly name: string;
  /** The whole test. */
  readonly range: Range;
}
export interface TestsFound {
  readonly tests: readonly TestPlace[];
}

/** What `polc explain` says of an open policy. Null where it does not compile. */
export const explainRequest = 'polc/explain';
export interface ExplainParameters {
  readonly textDocument: { readonly uri: string };
  /** A system call, an absolute path or an AWS action; empty for every field of the policy. */
  readonly asked: string;
}
export interface Explained {
  readonly text: string;
}

/** An open file of Kuadrant's resources as `polc migrate` rewrites it; the client changes the document. Null where it is not open. */
export const migrateRequest = 'polc/migrate';
export interface MigrateParameters {
  readonly textDocument: { readonly uri: string };
}
export interface Migrated {
  readonly text: string;
  /** How much was rewritten. */
  readonly changes: number;
  /** What needs a decision, each with its line. */
  readonly left: readonly string[];
}
