import fc from 'fast-check';

/** Stands at the beginning of every turn of a loop, as a constant that the trace of an interpreter shows. */
export const turnMark = 424_242;
/** Stands at the beginning of every function that cannot be short, since it has a loop. */
export const callMark = 535_353;

type Statement =
  | { readonly kind: 'loop'; readonly turns: number; readonly typed: boolean; readonly body: readonly Statement[] }
  | { readonly kind: 'block' | 'if'; readonly body: readonly Statement[]; readonly other: readonly Statement[] }
  | { readonly kind: 'call' | 'indirect'; readonly callee: number }
  | { readonly kind: 'leave'; readonly outward: number; readonly when: number }
  | { readonly kind: 'switch'; readonly labels: readonly number[] }
  | { readonly kind: 'return'; readonly when: number }
  | { readonly kind: 'long'; readonly length: number }
  | { readonly kind: 'short' };

const functions = 4;

const { statements } = fc.letrec<{ readonly statement: Statement; readonly statements: readonly Statement[] }>(
  (tie) => ({
    statements: fc.array(tie('statement'), { minLength: 1, maxLength: 4 }),
    statement: fc.oneof(
      { depthSize: 'medium', maxDepth: 4, depthIdentifier: 'statement' },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('short' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('long' as const), length: fc.constantFrom(3, 40, 300) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constantFrom('call' as const, 'indirect' as const),
          callee: fc.nat(functions - 1),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), outward: fc.nat(4), when: fc.nat(7) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('switch' as const),
          labels: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('return' as const), when: fc.nat(7) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('block' as const, 'if' as const),
          body: tie('statements'),
          other: tie('statements'),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('loop' as const),
          turns: fc.integer({ min: 1, max: 3 }),
          typed: fc.boolean(),
          body: tie('statements'),
        }),
      },
    ),
  }),
);

/** A program with one export, `run`, which comes to an end: loops count down, and calls have a depth. */
export const meteredProgram = fc
  .array(statements, { minLength: functions, maxLength: functions })
  .map((bodies) => programOf(bodies));

function programOf(bodies: readonly (readonly Statement[])[]): string {
  return `(module
  (type $t (func (param i32) (result i32)))
  (memory 1)
  (table funcref (elem ${bodies.map((_, at) => `$f${at}`).join(' ')}))
  (global $sum (mut i32) (i32.const 1))
  (func $short (global.set $sum (i32.add (i32.mul (global.get $sum) (i32.const 5)) (i32.const 3))))
  ${bodies.map((body, at) => functionOf(body, at)).join('\n')}
  (func (export "run") (result i32) ${bodies.map((_, at) => `(i32.add (call $f${at} (i32.const 1))`).join(' ')} (global.get $sum)${')'.repeat(bodies.length)}))`;
}

function functionOf(body: readonly Statement[], at: number): string {
  let loops = 0;
  const text = (each: readonly Statement[], open: number): string => each.map((one) => inner(one, open)).join('\n');
  // Labels lead to blocks and no loops, whose turns are counted by what is at their end.
  const inner = (statement: Statement, open: number): string => {
    const odd = (when: number) => `(i32.eq (i32.and (global.get $sum) (i32.const 7)) (i32.const ${when}))`;
    switch (statement.kind) {
      case 'short':
        return '(call $short)';
      case 'long':
        return '(global.set $sum (i32.add (global.get $sum) (i32.const 1)))'.repeat(statement.length >> 2);
      case 'call':
        return `(if (local.get $depth) (then (global.set $sum (i32.xor (global.get $sum) (call $f${statement.callee} (i32.sub (local.get $depth) (i32.const 1)))))))`;
      case 'indirect':
        return `(if (local.get $depth) (then (global.set $sum (i32.xor (global.get $sum) (call_indirect (type $t) (i32.sub (local.get $depth) (i32.const 1)) (i32.const ${statement.callee}))))))`;
      case 'leave':
        return open === 0 ? '' : `(br_if $b${statement.outward % open} ${odd(statement.when)})`;
      case 'switch':
        return open === 0
          ? ''
          : `(block (br_table ${statement.labels.map((label) => `$b${label % open}`).join(' ')} 0 (i32.and (global.get $sum) (i32.const 7))))`;
      case 'return':
        return `(if ${odd(statement.when)} (then (return (global.get $sum))))`;
      case 'block':
        return `(block $b${open} ${text(statement.body, open + 1)})`;
      case 'if':
        return `(if ${odd(3)} (then ${text(statement.body, open)}) (else ${text(statement.other, open)}))`;
      case 'loop': {
        const count = `$i${loops++}`;
        const body = `(drop (i32.const ${turnMark})) ${text(statement.body, open + 1)}
          (br_if $l${count.slice(1)} (local.tee ${count} (i32.sub (local.get ${count}) (i32.const 1))))`;
        const set = `(local.set ${count} (i32.const ${statement.turns}))`;
        return statement.typed
          ? `(block $b${open} ${set} (i32.const 7) (loop $l${count.slice(1)} (param i32) (result i32) ${body}) (global.set $sum (i32.add (global.get $sum))))`
          : `(block $b${open} ${set} (loop $l${count.slice(1)} ${body}))`;
      }
    }
  };
  const inside = text(body, 0);
  const locals = Array.from({ length: loops }, (_, each) => `(local $i${each} i32)`).join(' ');
  const mark = loops > 0 ? `(drop (i32.const ${callMark}))` : '';
  return `(func $f${at} (type $t) (param $depth i32) (result i32) ${locals} ${mark} ${inside} (global.get $sum))`;
}
