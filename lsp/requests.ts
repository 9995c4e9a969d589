import type { Preview, PreviewTabId } from '../compiler/editor/preview/preview.ts';

/**
 * What this extension asks the server besides what the Language Server Protocol has. Any client may ask the same;
 * docs/editors.md describes them.
 */

/** The dialect of a text that is open as something else, or null. */
export const recogniseRequest = 'polc/recognise';
export interface RecogniseParameters {
  readonly uri: string;
  readonly text: string;
}
export interface Recognised {
  readonly dialect: string | null;
}

/** What an open document becomes, as it is now: the tabs, and the content of one. */
export const previewRequest = 'polc/preview';
export interface PreviewParameters {
  readonly textDocument: { readonly uri: string };
  /** The tab whose content is wanted; the first one there is, where it is absent or this policy has none of the name. */
  readonly tab?: PreviewTabId;
  /** Whether the same tab of the last saved text is wanted too. */
  readonly saved?: boolean;
}
export type PreviewAnswer = Preview;

/** From the server, after each compilation of a document. */
export const compiledNotification = 'polc/compiled';
export interface Compiled {
  readonly uri: string;
  readonly version: number;
  readonly dialect: string | null;
  /** As people read it: `linux 6.12, x86_64 and aarch64`. */
  readonly target: string;
  readonly milliseconds: number;
}
