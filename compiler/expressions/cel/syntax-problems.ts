import { deepestRepair } from '../../../grammars/cel/limits.ts';
import type { Problem } from '../../../grammars/cel/problem.ts';
import type { Range } from '../../../grammars/cel/syntax-tree.ts';
import type { Code } from '../../diagnostics/catalogue/index.ts';
import type { Values } from '../../diagnostics/report.ts';
import { quoted } from './quote.ts';

/** One replacement in the expression's own text. */
export interface CelEdit {
  readonly range: Range;
  readonly newText: string;
}

/** A correction, in the expression's own text. */
export interface CelFix {
  readonly title: string;
  readonly edits: readonly CelEdit[];
  /** As in `Fix`: whether it keeps the author's meaning beyond doubt. */
  readonly certain: boolean;
}

/** What is wrong with an expression; ranges are of its own text, which the caller maps to the file. */
export interface CelProblem {
  readonly code: Code;
  readonly range: Range;
  /** What the catalogue's message and help have holes for. */
  readonly holes: Readonly<Record<string, string | number>>;
  /** Replaces the catalogue's help. */
  readonly help?: string;
  readonly related?: readonly { readonly range: Range; readonly label: string }[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly CelFix[];
}

type Options = Omit<CelProblem, 'code' | 'range' | 'holes'>;

function problemOf<C extends Code>(code: C, range: Range, holes: Values<C>, options: Options = {}): CelProblem {
  return { code, range, holes, ...options };
}

const escapeHints = {
  unknown: "write `\\\\` for a backslash, or a raw string: `r'…'`",
  digits: 'write two digits after `\\x`, four after `\\u`, eight after `\\U`, and three octal ones up to `\\377`',
  surrogate: 'half of a surrogate pair is no character: write the character itself, or `\\U` and eight digits',
  'beyond unicode': 'the last character is `\\U0010FFFF`',
  bytes: 'in bytes write each byte as `\\xHH`, or the character itself, which becomes UTF-8',
} as const;

const typeLimits = {
  int: '64 bits with a sign: from -9223372036854775808 to 9223372036854775807',
  uint: '64 bits: up to 18446744073709551615u',
  double: 'a double: up to about 1.8e308',
} as const;

/** The diagnostic of a problem that the grammar found. */
export function celProblem(problem: Problem, text: string): CelProblem {
  const { range } = problem;
  switch (problem.kind) {
    case 'character': {
      const { replacement } = problem;
      const edits = replacement === undefined ? [] : straightened(text, range, replacement);
      const fixes =
        replacement === undefined ? [] : [{ title: `replace with \`${replacement}\``, certain: false, edits }];
      return problemOf('POL1110', range, { text: problem.text }, { fixes });
    }
    case 'expected':
      return problemOf('POL1111', range, { expected: problem.expected, found: found(problem.found) });
    case 'operand': {
      const { operator, side } = problem;
      return problemOf('POL1112', range, { operator, side }, { fixes: [remove(range, `\`${operator}\``)] });
    }
    case 'joint':
      return problemOf('POL1113', range, { found: problem.found });
    case 'spelling': {
      // Of `=====` nobody knows.
      const alone = !/[=&|<>!?.]/.test((text[range.start - 1] ?? '') + (text[range.end] ?? ''));
      const holes = { text: problem.text, replacement: problem.replacement };
      return problemOf('POL1114', range, holes, { fixes: [replace(range, problem.replacement, alone)] });
    }
    case 'not in':
      return problemOf('POL1115', range, { text: problem.text });
    case 'unclosed': {
      const { open, close, opening } = problem;
      const fix = { title: `insert \`${close}\``, certain: false, edits: [{ range, newText: close }] };
      return problemOf('POL1116', opening, { open, close }, { fixes: [fix] });
    }
    case 'unopened':
      return problemOf('POL1117', range, { text: problem.text }, { fixes: [remove(range, `\`${problem.text}\``)] });
    case 'mismatch': {
      const { open, close, opening } = problem;
      const related = [{ range: opening, label: 'opened here' }];
      return problemOf(
        'POL1118',
        range,
        { text: problem.text, open, close },
        { related, fixes: [replace(range, close, false)] },
      );
    }
    case 'unclosed string': {
      const { quote, place } = problem;
      const edits = [{ range: { start: place, end: place }, newText: quote }];
      return problemOf(
        'POL1119',
        range,
        { quote },
        { fixes: [{ title: `insert \`${quote}\``, certain: false, edits }] },
      );
    }
    case 'inner quote': {
      const edits = [{ range: { start: range.start, end: range.start }, newText: '\\' }];
      const title = `write \`\\${problem.quote}\``;
      return problemOf('POL1120', range, { quote: problem.quote }, { fixes: [{ title, certain: false, edits }] });
    }
    case 'escape': {
      const edits = [{ range: { start: range.start, end: range.start }, newText: '\\' }];
      const fixes = problem.reason === 'unknown' ? [{ title: 'write the backslash twice', certain: false, edits }] : [];
      return problemOf('POL1121', range, { text: problem.text, hint: escapeHints[problem.reason] }, { fixes });
    }
    case 'number':
      return problemOf(
        'POL1122',
        range,
        { text: problem.text },
        { fixes: numberFixes(problem.text, range, text[range.end] ?? '') },
      );
    case 'overflow': {
      const unsigned = problem.type === 'int' && BigInt(problem.text) <= 0xffff_ffff_ffff_ffffn;
      const fixes = unsigned ? [replace(range, `${problem.text}u`, false)] : [];
      return problemOf('POL1123', range, { text: problem.text, limit: typeLimits[problem.type] }, { fixes });
    }
    case 'reserved':
      return problemOf('POL1124', range, { text: problem.text });
    case 'field':
      return fieldProblem(problem);
    case 'cast': {
      const { type, operand } = problem;
      const edits = [
        { range: { start: range.start, end: operand.start }, newText: `${type}(` },
        { range: { start: operand.end, end: operand.end }, newText: ')' },
      ];
      const written = `${type}(${text.slice(operand.start, operand.end)})`;
      return problemOf(
        'POL1126',
        range,
        { text: text.slice(range.start, range.end), type },
        {
          fixes: [{ title: `write \`${written}\``, certain: true, edits }],
        },
      );
    }
    case 'trailing comma':
      return problemOf('POL1127', range, {}, { fixes: [remove(range, 'the comma', true)] });
    case 'no otherwise':
      return problemOf('POL1128', range, {});
    case 'nested conditional':
      return problemOf('POL1129', range, {}, { fixes: [parenthesise(range)] });
    case 'mixed prefix':
      return problemOf(
        'POL1130',
        range,
        { text: text.slice(range.start, range.end) },
        // No value has both, so that something else was meant.
        { fixes: [{ ...parenthesise(range), certain: false }] },
      );
    case 'escaped name':
      return escapedName(problem);
    case 'not callable':
      return problemOf('POL1132', range, {});
    case 'size': {
      const { what, limit } = problem;
      const holes = {
        what: what === 'long' ? 'longer' : 'nested more deeply',
        limit: `${limit} ${what === 'long' ? 'characters' : 'levels'}`,
      };
      const help =
        'something in it is wrong besides, and so deep nothing can say what: split the expression into several';
      return problemOf('POL1133', range, holes, limit === deepestRepair ? { help } : {});
    }
    case 'empty':
      return problemOf('POL1134', range, {});
    default: {
      const unreachable: never = problem;
      return unreachable;
    }
  }
}

function fieldProblem({ range, point, found: text, replacement }: Extract<Problem, { kind: 'field' }>): CelProblem {
  const fixes =
    replacement === undefined
      ? text === ''
        ? [remove(point, 'the point')]
        : []
      : [replace({ start: point.start, end: range.end }, replacement, true)];
  return problemOf('POL1125', range, { found: found(text) }, { fixes });
}

function escapedName({ range, text, reason }: Extract<Problem, { kind: 'escaped name' }>): CelProblem {
  const name = text.replaceAll('`', '');
  return reason === 'place'
    ? problemOf('POL1131', range, { text: name, hint: 'only fields and keys behind a point can be written so: `a.`…' })
    : problemOf('POL1131', range, { text: name, hint: `write the key in brackets: \`[${quoted(name)}]\`` });
}

function numberFixes(text: string, range: Range, next: string): readonly CelFix[] {
  const number = wellFormedNumber(text);
  // Of `1_0.` would come `10.`, and of `1.b'x'` the number `1.0b`: the author means something else.
  return number === undefined ? [] : [replace(range, number, !/[\w.]/.test(next))];
}

/** The number as CEL spells it; undefined where that is not beyond doubt. */
function wellFormedNumber(text: string): string | undefined {
  if (/^[0-9]+\.$/.test(text)) return `${text}0`;
  const digits = text.replaceAll('_', '');
  if (/^(?:0x[0-9a-f]+|[0-9]+)u?$/i.test(digits) && digits !== text) return digits;
  if (/^0X[0-9a-fA-F]+[uU]?$/.test(text)) return `0x${text.slice(2)}`;
  if (/^0[bo][0-9]+$/i.test(text)) {
    const value = Number(text.toLowerCase());
    return Number.isSafeInteger(value) ? String(value) : undefined;
  }
  if (/^[0-9]+(?:\.[0-9]+)?[fFdD]$/.test(text)) {
    const number = text.slice(0, -1);
    return number.includes('.') ? number : `${number}.0`;
  }
  if (/^[0-9]+[lL]+$/.test(text)) return text.replace(/[lL]+$/, '');
  return undefined;
}

function found(text: string): string {
  return text === '' ? 'the end' : `\`${text}\``;
}

/** Curly quotes come in pairs: one alone would leave a text open. */
function straightened(text: string, range: Range, newText: string): readonly CelEdit[] {
  const edit = { range, newText };
  const quote = text.slice(range.start, range.end);
  if ('“‘'.includes(quote)) {
    const end = range.end + text.slice(range.end).search(/[\u201c\u201d\u2018\u2019"'\n]/);
    if (text[end] !== (quote === '“' ? '”' : '’')) return [edit];
    return [edit, { range: { start: end, end: end + 1 }, newText }];
  }
  if (!'”’'.includes(quote)) return [edit];
  let start = range.start - 1;
  while (start >= 0 && !/[\u201c\u201d\u2018\u2019"'\n]/.test(text[start]!)) start -= 1;
  if (text[start] !== (quote === '”' ? '“' : '‘')) return [edit];
  return [{ range: { start, end: start + 1 }, newText }, edit];
}

function replace(range: Range, newText: string, certain: boolean): CelFix {
  return { title: `replace with \`${newText}\``, certain, edits: [{ range, newText }] };
}

function remove(range: Range, what: string, certain = false): CelFix {
  return { title: `delete ${what}`, certain, edits: [{ range, newText: '' }] };
}

function parenthesise({ start, end }: Range): CelFix {
  const edits = [
    { range: { start, end: start }, newText: '(' },
    { range: { start: end, end }, newText: ')' },
  ];
  return { title: 'put it in parentheses', certain: true, edits };
}
