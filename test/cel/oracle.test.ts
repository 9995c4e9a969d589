import assert from 'node:assert/strict';
import { parse } from '@bufbuild/cel';
import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import { tests as parsing } from '@bufbuild/cel-spec/testdata/parsing.js';
import fc from 'fast-check';
import { printCel } from '../../compiler/expressions/cel/print.ts';
import { parseExpression } from '../../grammars/cel/parse.ts';
import { partsOf } from '../../grammars/cel/parts.ts';
import type { Expression } from '../../grammars/cel/syntax-tree.ts';
import { anyExpression, mutated, tokenSoup } from '../support/cel-text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cel-oracle');

interface GoSuite {
  readonly suites?: readonly GoSuite[];
  readonly tests?: readonly { readonly original: { readonly expr: string }; readonly error?: string }[];
}

function everyCase(part: GoSuite): readonly { readonly text: string; readonly error: string }[] {
  return [
    ...(part.tests ?? []).map(({ original, error }) => ({ text: original.expr, error: error ?? '' })),
    ...(part.suites ?? []).flatMap(everyCase),
  ];
}

test('cel-go accepts and refuses the same of its own and of cel-spec’s expressions', () => {
  const cases = [...everyCase(parsing), ...everyCase(conformance)];
  let refused = 0;
  for (const { text, error } of cases) {
    // Its tests set lower limits than it has otherwise, and ours are higher; what is not enabled there, we read.
    if (/recursion/.test(error)) continue;
    const wrong = /Syntax error|reserved identifier|invalid (?:int|uint|double) literal|invalid unicode/.test(error);
    if (wrong) refused += 1;
    const { problems } = parseExpression(text);
    assert.equal(problems.length > 0, wrong, `${text}\n${error}\n${JSON.stringify(problems)}`);
  }
  assert(cases.length > 2000 && refused > 40, `${refused} of ${cases.length}`);
});

test('the first problem is at the line that cel-go names, or before', () => {
  for (const { text, error } of everyCase(parsing)) {
    const place = /^ERROR: :(\d+):\d+: (?:Syntax error|reserved)/.exec(error);
    const problem = parseExpression(text).problems[0];
    if (place === null || problem === undefined) continue;
    const line = text.slice(0, problem.range.start).split('\n').length;
    assert(line <= Number(place[1]), `${text}\n${error}`);
  }
});

/** Whether @bufbuild/cel reads it otherwise than cel-spec: it lacks what came last and takes what it should not. */
function beyondThePeer(tree: Expression): boolean {
  switch (tree.kind) {
    case 'select':
      if (tree.optional || !/^(?!(?:in|null)$)[A-Za-z_][A-Za-z0-9_]*$/.test(tree.field)) return true;
      break;
    case 'index':
      if (tree.optional) return true;
      break;
    case 'list':
      if (tree.elements.some(({ optional }) => optional)) return true;
      break;
    case 'map':
      if (tree.entries.some(({ optional }) => optional)) return true;
      break;
    case 'message':
      // A message's name may be a reserved word.
      if (/^for\b/.test(tree.name)) return true;
      if (tree.fields.some(({ name, optional }) => optional || /[^A-Za-z0-9_]|^(?:in|null)$/.test(name))) return true;
      break;
    default:
  }
  return partsOf(tree).some(beyondThePeer);
}

/**
 * It does not read words that begin with a keyword as one word, refuses blanks and comments between empty brackets, and takes
 * the sign of `-2u`, which negates, for that of an `int`.
 */
const misread = /(?:true|false|null|in)[A-Za-z0-9_]|`|[([{]\s+[)\]}]|\/\/|-(?:0x[0-9a-f]+|[0-9]+)u/i;

for (const [what, texts, numRuns] of [
  ['printed expressions', anyExpression.map(printCel), 600],
  ['mutated expressions', mutated(anyExpression.map(printCel)), 1500],
  ['tokens in any order', tokenSoup, 2000],
] as const) {
  test(`@bufbuild/cel accepts the same texts: ${what}`, () => {
    let compared = 0;
    fc.assert(
      fc.property(texts, (text) => {
        if (text.length > 120 || misread.test(text)) return;
        const { tree, problems } = parseExpression(text);
        // It takes unknown escapes, which cel-spec does not have.
        if (problems.some(({ kind }) => kind === 'escape' || kind === 'overflow')) return;
        if (problems.length === 0 && beyondThePeer(tree)) return;
        compared += 1;
        assert.equal(problems.length === 0, theirs(text) !== undefined, JSON.stringify(text));
      }),
      { numRuns },
    );
    assert(compared > numRuns / 20, `only ${compared} compared`);
  });
}

test('@bufbuild/cel makes the same tree, with names, constants and operators at the same places', () => {
  let compared = 0;
  fc.assert(
    fc.property(anyExpression.map(printCel), (text) => {
      const { tree, problems } = parseExpression(text);
      if (problems.length > 0 || text.length > 300 || beyondThePeer(tree)) return;
      const parsed = theirs(text);
      if (parsed === undefined) throw new Error(text);
      compared += 1;
      const positions: Readonly<Record<string, number>> = parsed.sourceInfo?.positions ?? {};
      assert.deepEqual(
        ourSketch(tree),
        theirSketch(parsed.expr, (id) => afterBlanks(text, positions[id] ?? -1)),
        text,
      );
    }),
    { numRuns: 800 },
  );
  assert(compared > 50, `only ${compared} compared`);
});

function theirs(text: string): ReturnType<typeof parse> | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Its places of operators are those of the blanks in front. */
function afterBlanks(text: string, place: number): number {
  let at = place;
  while (/\s/.test(text[at] ?? '')) at += 1;
  return at;
}

type Sketch = readonly (string | number | Sketch)[];

function ourSketch(tree: Expression): Sketch {
  const of = partsOf(tree).map(ourSketch);
  const { start } = tree.range;
  switch (tree.kind) {
    case 'literal': {
      const { value } = tree;
      const shown =
        value.type === 'null' ? 'null' : value.type === 'bytes' ? [...value.value].join() : String(value.value);
      return ['constant', shown, start];
    }
    case 'identifier':
      return ['name', tree.name, start];
    case 'select':
      return ['select', tree.field, ...of];
    case 'index':
      return ['_[_]', ...of];
    case 'call':
      return [tree.name, ...of];
    case 'unary':
      // It leaves out what is negated twice.
      if (tree.operand.kind === 'unary' && tree.operand.operator === tree.operator)
        return ourSketch(tree.operand.operand);
      return [`${tree.operator}_`, ...of];
    case 'binary':
      if (tree.operator === '&&' || tree.operator === '||') return [`_${tree.operator}_`, ...of];
      return [tree.operator === 'in' ? '@in' : `_${tree.operator}_`, tree.operatorRange.start, ...of];
    case 'conditional':
      return ['_?_:_', ...of];
    case 'list':
      return ['list', start, ...of];
    case 'map':
      return ['map', start, ...of];
    case 'message':
      return ['message', `${tree.rooted ? '.' : ''}${tree.name}`, start, ...tree.fields.map(({ name }) => name), ...of];
    default:
      return ['hole'];
  }
}

function theirSketch(expr: Expr | undefined, placeOf: (id: string) => number): Sketch {
  const of = (expressions: readonly (Expr | undefined)[]) => expressions.map((each) => theirSketch(each, placeOf));
  const start = placeOf(String(expr?.id));
  const kind = expr?.exprKind;
  switch (kind?.case) {
    case 'constExpr': {
      const { case: type, value } = kind.value.constantKind;
      const shown =
        type === 'nullValue' ? 'null' : type === 'bytesValue' ? [...(value as Uint8Array)].join() : String(value);
      return ['constant', shown, start];
    }
    case 'identExpr':
      return ['name', kind.value.name, start];
    case 'selectExpr':
      return ['select', kind.value.field, ...of([kind.value.operand])];
    case 'callExpr': {
      const { function: name, target, args } = kind.value;
      const parts = of(target === undefined ? args : [target, ...args]);
      const placed = /^(?:_[-+*/%<>=!]{1,2}_|@in)$/.test(name);
      return placed ? [name, start, ...parts] : [name, ...parts];
    }
    case 'listExpr':
      return ['list', start, ...of(kind.value.elements)];
    case 'structExpr': {
      const { messageName, entries } = kind.value;
      const keys = entries.map(({ keyKind }) => keyKind);
      if (messageName === '') {
        const pairs = entries.flatMap(({ keyKind, value }) => [
          keyKind.case === 'mapKey' ? keyKind.value : undefined,
          value,
        ]);
        return ['map', start, ...of(pairs)];
      }
      const names = keys.map((key) => (key.case === 'fieldKey' ? key.value : ''));
      return ['message', messageName, start, ...names, ...of(entries.map(({ value }) => value))];
    }
    default:
      return ['nothing'];
  }
}

run();
