/**
 * The arguments of a call, between the commas that stand outside strings, brackets and the annotations of descriptors
 * (`3</etc/hosts>`, in which strace writes `<` and `>` as octal escapes).
 */
export function splitArguments(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '<') at = text[at + 1] === '<' ? at + 1 : annotationEnd(text, at);
    else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  const last = text.slice(from).trim();
  return last === '' && parts.length === 0 ? parts : [...parts, last];
}

/** Of the annotation that begins at `from`; those of devices hold another, those of sockets an arrow: `<TCP:[a->b]>`. */
function annotationEnd(text: string, from: number): number {
  const isPath = text[from + 1] === '/';
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '<') depth += 1;
    else if (text[at] === '>' && (isPath || text[at - 1] !== '-')) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** The text of a string argument; undefined where it is none (`NULL`, an address) or was cut off. */
export function stringOf(argument: string | undefined): string | undefined {
  const match = argument === undefined ? null : /^"((?:[^"\\]|\\.)*)"$/.exec(argument);
  return match === null ? undefined : unescaped(match[1]!);
}

/** What a descriptor stands for: `/etc/hosts` of `3</etc/hosts>`, `TCP:[1234]` of a socket; undefined without annotation. */
export function descriptorOf(argument: string | undefined): string | undefined {
  const match = argument === undefined ? null : /^(?:-?\d+|AT_FDCWD)<(.*)>/.exec(argument);
  if (match === null) return undefined;
  // `</dev/pts/0<char 136:0>>`
  return unescaped(match[1]!.replace(/<(?:char|block) \d+:\d+>$/, ''));
}

const simple: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8 };

/** strace escapes bytes that are not printable ASCII: `\303\251` is UTF-8's é. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character !== '\\') {
      bytes.push(...encoder.encode(character));
      continue;
    }
    const number = /^(?:x([0-9a-f]{2})|([0-7]{1,3}))/.exec(text.slice(at + 1, at + 4));
    if (number !== null) {
      bytes.push(number[1] === undefined ? Number.parseInt(number[2]!, 8) : Number.parseInt(number[1], 16));
      at += number[0].length;
    } else {
      at += 1;
      const escaped = text[at] ?? '\\';
      bytes.push(simple[escaped] ?? escaped.charCodeAt(0));
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
