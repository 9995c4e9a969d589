import type { PreviewLanguage } from '../../../compiler/editor/preview/preview.ts';
import type { Piece } from './colours.ts';
import type { ChangedLine } from './line-changes.ts';

export interface LineListOptions {
  /** A line in coloured pieces. */
  coloured(text: string, language: PreviewLanguage): readonly Piece[];
  /** A line of the artifact was selected, or none; with `go`, to see where it comes from. */
  selected(line: number | undefined, go: boolean): void;
}

const marks = { same: ' ', added: '+', removed: '−' } as const;
const page = 20;

/** The lines of an artifact as a list of which one is selected. Of a new text only the lines that differ are made again. */
export class LineList {
  readonly #list: HTMLElement;
  readonly #options: LineListOptions;
  #lines: readonly ChangedLine[] = [];
  #language: PreviewLanguage = 'text';
  /** The selected row, and the rows that come from where the editor's cursor is. */
  #active = -1;
  #lit: ReadonlySet<number> = new Set();

  constructor(list: HTMLElement, options: LineListOptions) {
    this.#list = list;
    this.#options = options;
    list.addEventListener('keydown', (event) => this.#key(event));
    list.addEventListener('click', ({ target }) => {
      const row = target instanceof Element ? target.closest('.line') : null;
      if (row !== null) this.#select([...list.children].indexOf(row), false);
    });
    list.addEventListener('dblclick', () => this.#go());
  }

  show(lines: readonly ChangedLine[], language: PreviewLanguage, label: string): void {
    const before = language === this.#language ? this.#lines : [];
    const most = Math.min(before.length, lines.length);
    let head = 0;
    while (head < most && isSame(before[head]!, lines[head]!)) head += 1;
    let tail = 0;
    while (tail < most - head && isSame(before.at(-1 - tail)!, lines.at(-1 - tail)!)) tail += 1;
    if (before !== this.#lines) this.#list.replaceChildren();
    this.#list.setAttribute('aria-label', label);
    this.#list.classList.toggle(
      'comparing',
      lines.some(({ kind }) => kind !== 'same'),
    );
    this.#language = language;
    this.#lines = lines;
    this.#replace(head, before.length - tail, lines.slice(head, lines.length - tail));
    // What follows keeps its numbers where the last of them is as before.
    this.#number(head, lastNumber(before) === lastNumber(lines) ? lines.length - tail : lines.length);
    // The selected row may have gone, or stand elsewhere now.
    const active = this.#list.querySelector('#active');
    if (active === null) this.#mark(-1);
    else this.#active = [...this.#list.children].indexOf(active);
    this.#light(this.#lit);
  }

  /** Lights the lines of these numbers; with `reveal`, scrolls to the first where none is seen. */
  light(lines: ReadonlySet<number>, reveal: boolean): void {
    this.#light(lines);
    if (!reveal) return;
    const [first] = this.#list.getElementsByClassName('lit');
    const { top, bottom } = this.#list.parentElement!.getBoundingClientRect();
    const isSeen = [...this.#list.getElementsByClassName('lit')].some((row) => {
      const box = row.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
    if (!isSeen) first?.scrollIntoView({ block: 'center' });
  }

  #light(lines: ReadonlySet<number>): void {
    this.#lit = lines;
    for (const row of [...this.#list.getElementsByClassName('lit')]) row.classList.remove('lit');
    if (lines.size === 0) return;
    for (const [index, { line }] of this.#lines.entries()) {
      if (line !== undefined && lines.has(line)) this.#list.children[index]?.classList.add('lit');
    }
  }

  #replace(from: number, to: number, lines: readonly ChangedLine[]): void {
    const made = document.createDocumentFragment();
    for (const line of lines) made.append(this.#row(line));
    const range = document.createRange();
    const { children, childNodes } = this.#list;
    if (to > from) {
      range.setStartBefore(children[from]!);
      range.setEndAfter(children[to - 1]!);
      range.deleteContents();
    }
    this.#list.insertBefore(made, childNodes[from] ?? null);
  }

  /** Numbers the rows from one to another; what only the old text has bears no number. */
  #number(from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      const { line } = this.#lines[index]!;
      this.#list.children[index]?.setAttribute('data-number', line === undefined ? '' : String(line + 1));
    }
  }

  #row({ kind, text }: ChangedLine): HTMLElement {
    const row = document.createElement('div');
    row.className = `line ${kind}`;
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', 'false');
    if (kind !== 'same') row.append(span('mark', marks[kind]));
    for (const piece of this.#options.coloured(text, this.#language)) {
      row.append(piece.kind === undefined ? piece.text : span(piece.kind, piece.text));
    }
    if (text === '') row.append('\u200b');
    return row;
  }

  #key(event: KeyboardEvent): void {
    const last = this.#lines.length - 1;
    const at = this.#active;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: Math.max(0, at - 1),
      PageDown: at + page,
      PageUp: Math.max(0, at - page),
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === 'Enter') this.#go();
    else if (to === undefined) return;
    else this.#select(Math.min(to, last), true);
    event.preventDefault();
  }

  #select(index: number, scroll: boolean): void {
    this.#mark(index);
    const row = this.#list.children[index];
    if (scroll) row?.scrollIntoView({ block: 'nearest' });
    this.#options.selected(this.#lines[index]?.line, false);
  }

  #go(): void {
    const line = this.#lines[this.#active]?.line;
    if (line !== undefined) this.#options.selected(line, true);
  }

  #mark(index: number): void {
    const before = this.#list.querySelector('[aria-selected="true"]');
    before?.setAttribute('aria-selected', 'false');
    before?.removeAttribute('id');
    this.#active = index;
    const row = this.#list.children[index];
    if (row === undefined) {
      this.#list.removeAttribute('aria-activedescendant');
      return;
    }
    row.setAttribute('aria-selected', 'true');
    row.id = 'active';
    this.#list.setAttribute('aria-activedescendant', 'active');
  }
}

function lastNumber(lines: readonly ChangedLine[]): number | undefined {
  return lines.findLast(({ line }) => line !== undefined)?.line;
}

function isSame(left: ChangedLine, right: ChangedLine): boolean {
  return left.text === right.text && left.kind === right.kind;
}

function span(name: string, text: string): HTMLElement {
  const made = document.createElement('span');
  made.className = name;
  made.textContent = text;
  return made;
}
