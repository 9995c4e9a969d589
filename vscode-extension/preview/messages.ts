import type { PolicyPlace, Preview, PreviewTabId } from '../../compiler/editor/preview/preview.ts';

/** From the extension to the page of the preview. */
export type ToPage =
  | {
      readonly type: 'preview';
      readonly preview: Preview;
      /** The policy's file name, and its URI. */
      readonly name: string;
      readonly file: string;
      /** Whether the change against the last saved version is shown. */
      readonly comparing: boolean;
    }
  /** Where the cursor is in the policy. */
  | { readonly type: 'cursor'; readonly file: string; readonly line: number };

/** From the page to the extension. */
export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'tab'; readonly tab: PreviewTabId }
  | { readonly type: 'compare-with-saved'; readonly on: boolean }
  /** A line was selected that comes from there; with `go`, the editor is to have the focus. */
  | { readonly type: 'place'; readonly place: PolicyPlace | null; readonly go: boolean }
  | { readonly type: 'open' }
  | { readonly type: 'compare' };
