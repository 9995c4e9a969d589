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
