import type { PolicyPlace, Preview, PreviewLink } from '../../../compiler/editor/preview/preview.ts';
import type { FromPage, ToPage } from '../messages.ts';
import { coloured } from './colours.ts';
import { type ChangedLine, changedLines } from './line-changes.ts';
import { LineList } from './line-list.ts';
import { TabBar } from './tab-bar.ts';

/** What VS Code gives the scripts of a webview. */
declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const { postMessage } = acquireVsCodeApi();

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
}

const policy = element('policy', HTMLHeadingElement);
const problem = element('problem', HTMLDivElement);
const quota = element('quota', HTMLDivElement);
const amount = element('amount', HTMLLabelElement);
const used = element('used', HTMLMeterElement);
const panel = element('panel', HTMLDivElement);
const comparing = element('comparing', HTMLInputElement);

let shown: Preview | undefined;
let policyFile = '';
let links: readonly PreviewLink[] = [];
let cursor: { readonly file: string; readonly line: number } | undefined;

const tabs = new TabBar(element('groups', HTMLDivElement), element('files', HTMLSelectElement), panel, (tab) =>
  postMessage({ type: 'tab', tab }),
);
const lines = new LineList(element('lines', HTMLDivElement), {
  coloured,
  selected(line, go) {
    postMessage({ type: 'place', place: line === undefined ? null : placeOf(line), go });
  },
});

/**
 * The place that a line comes from; null where it comes from none, such as a heading. Of several, the one of the fewest
 * lines, and rather one in the policy itself than in a file that it extends.
 */
function placeOf(line: number): PolicyPlace | null {
  const size = ({ first, last }: PreviewLink) => last - first;
  const isElsewhere = ({ place }: PreviewLink) => Number(place.file !== policyFile);
  const around = links.filter(({ first, last }) => first <= line && line <= last);
  const [nearest] = around.sort((left, right) => size(left) - size(right) || isElsewhere(left) - isElsewhere(right));
  return nearest?.place ?? null;
}

/** The lines that come from where the cursor is; of places within each other, those of the narrowest. */
function linesOf({ file, line }: { readonly file: string; readonly line: number }): ReadonlySet<number> {
  const height = ({ place }: PreviewLink) => place.end.line - place.start.line;
  const around = links.filter(({ place }) => place.file === file && place.start.line <= line && line <= place.end.line);
  const least = Math.min(...around.map(height));
  const lit = new Set<number>();
  for (const link of around) {
    if (height(link) > least) continue;
    for (let at = link.first; at <= link.last; at += 1) lit.add(at);
  }
  return lit;
}

function show({ preview, name, file, comparing: isComparing }: Extract<ToPage, { type: 'preview' }>): void {
  const before = shown?.content?.tab;
  shown = preview;
  policyFile = file;
  const { content, savedText } = preview;
  policy.textContent = name;
  comparing.checked = isComparing;
  tabs.show(preview.tabs, content?.tab);
  showProblem(preview);
  showQuota(preview);
  links = content?.links ?? [];
  const now = splitLines(content?.text ?? '');
  const changed: readonly ChangedLine[] =
    isComparing && savedText !== undefined
      ? changedLines(splitLines(savedText), now)
      : now.map((text, line) => ({ kind: 'same', text, line }));
  lines.show(changed, content?.language ?? 'text', content?.tab === undefined ? 'Preview' : content.tab);
  if (before !== content?.tab) panel.scrollTop = 0;
  if (cursor !== undefined) lines.light(linesOf(cursor), before !== content?.tab);
}

function showProblem({ problem: found, content, version, shownVersion }: Preview): void {
  const isStale = version !== shownVersion;
  panel.classList.toggle('stale', isStale);
  const text = found === undefined ? '' : `${found.message} (${found.code}, line ${found.place.start.line + 1})`;
  const partly = isStale ? 'Shown as it was before' : 'Shown as far as it was compiled';
  const consequence = content === undefined ? 'Nothing to show yet' : partly;
  const said = found === undefined ? '' : `${consequence}: ${text}`;
  // A live region speaks again whenever its text is set.
  if (problem.textContent !== said) problem.textContent = said;
}

function showQuota({ content }: Preview): void {
  const has = content?.quota;
  quota.hidden = has === undefined;
  if (has === undefined) return;
  amount.textContent = `${has.used.toLocaleString('en')} of ${has.most.toLocaleString('en')} ${has.unit}`;
  used.max = has.most;
  used.high = has.most * 0.8;
  used.low = has.most * 0.8;
  used.optimum = 0;
  used.value = has.used;
}

function splitLines(text: string): readonly string[] {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  return all;
}

addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  if (data.type === 'preview') show(data);
  else if (data.type === 'cursor') {
    cursor = data;
    lines.light(linesOf(cursor), true);
  }
});
comparing.addEventListener('change', () => postMessage({ type: 'compare-with-saved', on: comparing.checked }));
element('open', HTMLButtonElement).addEventListener('click', () => postMessage({ type: 'open' }));
element('compare', HTMLButtonElement).addEventListener('click', () => postMessage({ type: 'compare' }));
postMessage({ type: 'ready' });
