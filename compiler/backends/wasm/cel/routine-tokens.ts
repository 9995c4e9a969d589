const token =
  /\s+|\/\/.*|(0x[0-9a-f]+L?|\d+\.\d+(?:e\d+)?|\d+L?|'(?:[^'\\]|\\.)'|\$?[A-Za-z_]\w*|(?:<<|>>>|>>|<=u|>=u|<=|>=|<u|>u|\/u|%u|==|!=|&&|\|\||[-+*/%<>=!&|^(){},;]))/y;

export function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new Error(`no token: ${text.slice(at, at + 40)}`);
    if (match[1] !== undefined) tokens.push(match[1]);
  }
  return tokens;
}
