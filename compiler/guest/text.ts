/** A node of the text format: an atom, or a list in brackets. */
export type Expression = string | readonly Expression[];

/** Reads expressions in the text format's brackets; `;;` begins a comment that ends with its line. */
export function readExpressions(text: string): readonly Expression[] {
  const tokens = text.replaceAll(/;;[^\n]*/g, '').match(/[()]|[^\s()]+/g) ?? [];
  const stack: Expression[][] = [[]];
  for (const token of tokens) {
    if (token === '(') stack.push([]);
    else if (token === ')') {
      const closed = stack.pop();
      stack.at(-1)?.push(closed ?? []);
    } else stack.at(-1)?.push(token);
  }
  if (stack.length !== 1) throw new Error('brackets do not match');
  return stack[0]!;
}
