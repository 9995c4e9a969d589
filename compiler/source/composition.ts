import type { CST } from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { Span } from './span.ts';
import type { SourceText } from './text.ts';
import type { ScalarNode, YamlNode } from './tree.ts';

/** Nodes and documents may nest this deep, aliases expanded. */
export const nestingLimit = 100;

/** Nodes of one document, aliases expanded. */
const nodeLimit = 500_000;

/** Findings inside values that are kept for one document, of each severity; a file with more is not a policy. */
const detailLimit = 100;

interface Anchor {
  /** Undefined while the anchored node is still being read. */
  node: YamlNode | undefined;
  size: number;
  height: number;
}

/**
 * What is known while one document is composed: its anchors, its size and its findings. Structural findings follow
 * from each other, so only the first in the source is kept; findings inside values (details) stand for themselves.
 */
export class Composition {
  readonly source: SourceText;
  readonly text: string;
  readonly details: Diagnostic[] = [];
  structural: Diagnostic | undefined;
  /** Nodes so far, aliases expanded. */
  size = 0;
  depth = 0;
  /** The deepest level that the anchored node being read has reached. */
  deepest = 0;
  /** Whether there was an anchor or an alias so far. */
  hasAnchors = false;
  #errors = 0;
  #others = 0;
  readonly #anchors = new Map<string, Anchor>();

  constructor(source: SourceText) {
    this.source = source;
    this.text = source.text;
  }

  span(start: number, end: number): Span {
    return { file: this.source.path, start, end };
  }

  /** True where a structural finding at `start` would be the first; only then is it worth building. */
  isFirst(start: number): boolean {
    return this.structural === undefined || start < this.structural.span.start;
  }

  /** Records a finding inside a value. Errors and hints are counted apart, so that hints never hide an error. */
  detail(diagnostic: Diagnostic): void {
    const isError = diagnostic.severity === 'error';
    if ((isError ? this.#errors : this.#others) >= detailLimit) return;
    if (isError) this.#errors += 1;
    else this.#others += 1;
    this.details.push(diagnostic);
  }

  /**
   * The findings of what was read since the last call. From the line of the first structural finding on nothing is
   * certain, so details there are dropped.
   */
  findings(): readonly Diagnostic[] {
    const { structural } = this;
    const details = this.details.splice(0);
    this.structural = undefined;
    if (structural === undefined) return details;
    const line = this.text.lastIndexOf('\n', structural.span.start - 1) + 1;
    return [...details.filter(({ span }) => span.start < line), structural];
  }

  /** Takes back the findings inside values from a place on, which were the last ones. */
  forgetFrom(at: number): void {
    for (let last = this.details.at(-1); last !== undefined && last.span.start >= at; last = this.details.at(-1)) {
      this.details.pop();
      if (last.severity === 'error') this.#errors -= 1;
      else this.#others -= 1;
    }
  }

  /** The finding about structure, which then is none of what is read next. */
  takeStructural(): Diagnostic | undefined {
    const { structural } = this;
    this.structural = undefined;
    return structural;
  }

  unexpected(token: CST.Token): void {
    if (this.isFirst(token.offset)) {
      const source = 'source' in token ? token.source : '';
      const text = firstLine(source);
      this.structural = report('POL1018', this.span(token.offset, token.offset + Math.max(text.length, 1)), {
        text: shortened(text),
      });
    }
  }

  missing(at: number): ScalarNode {
    return { kind: 'scalar', span: this.span(at, at), value: null, text: '', style: 'missing' };
  }

  /** Remembers the node that `read` returns under the anchor's name, with its expanded size and height. */
  anchored(name: string, read: () => YamlNode): YamlNode {
    this.hasAnchors = true;
    const anchor: Anchor = { node: undefined, size: 0, height: 0 };
    this.#anchors.set(name, anchor);
    const sizeBefore = this.size;
    const deepestBefore = this.deepest;
    this.deepest = this.depth;
    const node = read();
    anchor.node = node;
    anchor.size = this.size - sizeBefore;
    anchor.height = this.deepest - this.depth;
    this.deepest = Math.max(this.deepest, deepestBefore);
    return node;
  }

  alias(name: string, start: number, end: number): YamlNode {
    this.hasAnchors = true;
    const anchor = this.#anchors.get(name);
    const span = this.span(start, end);
    if (anchor === undefined) {
      if (name !== '') this.detail(report('POL1035', span, { name: shortened(name) }));
    } else if (anchor.node === undefined) {
      this.detail(report('POL1036', span, { name: shortened(name) }));
    } else if (this.size + anchor.size > nodeLimit) {
      if (!this.details.some(({ code }) => code === 'POL1037')) {
        this.detail(report('POL1037', span, { limit: nodeLimit }, { related: [where(anchor.node)] }));
      }
    } else if (this.depth + anchor.height > nestingLimit) {
      this.detail(report('POL1040', span, { limit: nestingLimit }, { related: [where(anchor.node)] }));
    } else {
      this.size += anchor.size;
      this.deepest = Math.max(this.deepest, this.depth + anchor.height);
      return anchor.node;
    }
    return this.missing(start);
  }
}

function where(node: YamlNode) {
  return { span: node.span, label: 'the value that it repeats' };
}

/** What the author wrote, short enough for a message. */
export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export function firstLine(text: string): string {
  const newline = text.indexOf('\n');
  return (newline === -1 ? text : text.slice(0, newline)).trimEnd();
}
