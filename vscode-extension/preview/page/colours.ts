import type { PreviewLanguage } from '../../../compiler/editor/preview/preview.ts';

/** A part of a line; `kind` names its colour in page.css. */
export interface Piece {
  readonly text: string;
  readonly kind?: 'name' | 'string' | 'number' | 'word' | 'comment' | 'good' | 'part' | 'bad';
}

type Kind = NonNullable<Piece['kind']>;

/** The tokens of each language that have a colour, in the order in which they are tried. A group names its kind. */
const patterns: Readonly<Record<PreviewLanguage, RegExp | undefined>> = {
  json: /(?<name>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<string>"(?:[^"\\]|\\.)*")|(?<number>-?\b\d[\d.eE+-]*)|(?<word>\b(?:true|false|null)\b)/g,
  yaml: /(?<comment>(?:^|\s)#.*$)|(?<name>[\w./@-]+(?=:(?:\s|$)))|(?<string>"(?:[^"\\]|\\.)*"|'[^']*')|(?<word>\b(?:true|false|null)\b)|(?<number>\b\d[\d.]*\b)/g,
  listing:
    /(?<comment>;.*$|^#.*$|^=+$)|(?<number>\b0x[\da-f]+\b)|(?<word>\b(?:return|if|else|goto|load|jump|ld|ret|jeq|jgt|jge|jset|ja|and|call|exit)\b)|(?<name>\b(?:ALLOW|KILL\w*|ERRNO\(\d+\)|ERRNO|TRAP|TRACE|LOG)\b)/g,
  ir: /(?<comment>^\s+(?:from|with)\s.*$)|(?<word>\b(?:policy|decision|limits|quotas|obligations|when|otherwise|allow|deny|log|notify|kill-process|kill-thread|errno|trap|trace|in|at most)\b)|(?<name>^ {2}[\w/.@-]+(?=:))|(?<string>"(?:[^"\\]|\\.)*")|(?<number>\b(?:0x[\da-f]+|\d[\d.]*)\b)/g,
  coverage: /(?<good>^✔)|(?<part>^⚠)|(?<bad>^✘)|(?<word>^ {4}\S+)|(?<bad2>\blost: .*$)/g,
  wat: /(?<comment>;;.*$)|(?<string>"(?:[^"\\]|\\.)*")|(?<name>\$[^\s()]+)|(?<word>\b(?:module|func|param|result|local|global|mut|memory|data|table|elem|type|import|export|block|loop|if|then|else|end|br|br_if|br_table|return|call|drop|select|unreachable)\b(?!\.))|(?<number>\b(?:0x[\da-f]+|\d[\d.]*)\b)/g,
  text: /(?<comment>^#.*$)|(?<number>\b\d+\b)/g,
};

/** Longer lines are not coloured: they are data. */
const longest = 2_000;

export function coloured(text: string, language: PreviewLanguage): readonly Piece[] {
  const pattern = patterns[language];
  if (pattern === undefined || text.length > longest) return [{ text }];
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    const [name = ''] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    pieces.push({ text: match[0], kind: name.replace(/\d$/, '') as Kind });
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}
