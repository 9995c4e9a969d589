/** A leaf of a JSON text that can be changed: where it begins and ends, and texts that mean something else. */
export interface JsonMutant {
  readonly what: string;
  readonly text: string;
}

/**
 * Texts that differ from `text` in one number, one string, one truth value or one removed line, each still JSON.
 * `keep` names keys whose values mean nothing to whoever reads the file.
 */
export function jsonMutants(text: string, keep: readonly string[]): readonly JsonMutant[] {
  const mutants: JsonMutant[] = [];
  const add = (what: string, changed: string) => {
    if (changed === text) return;
    try {
      JSON.parse(changed);
    } catch {
      return;
    }
    mutants.push({ what, text: changed });
  };
  const lines = text.split('\n');
  lines.forEach((line, at) => {
    if (keep.some((key) => line.includes(`"${key}"`))) return;
    const replaced = (changed: string) => [...lines.slice(0, at), changed, ...lines.slice(at + 1)].join('\n');
    add(`line ${at + 1} without ${line.trim()}`, replaced('').replace(/,(\s*[}\]])/g, '$1'));
    for (const match of line.matchAll(/-?\d+(?=[,\]\s]|$)/g)) {
      const changed = `${line.slice(0, match.index)}${BigInt(match[0]) + 1n}${line.slice(match.index + match[0].length)}`;
      add(`line ${at + 1}: ${changed.trim()}`, replaced(changed));
    }
    for (const match of line.matchAll(/(true|false)(?=,|$)/g)) {
      add(`line ${at + 1}: a flag`, replaced(line.replace(match[0], match[0] === 'true' ? 'false' : 'true')));
    }
    for (const match of line.matchAll(/"([^"]+)"(?!:)/g)) {
      add(
        `line ${at + 1}: ${match[0]}`,
        replaced(`${line.slice(0, match.index)}"x${match[1]}"${line.slice(match.index + match[0].length)}`),
      );
    }
  });
  return mutants;
}
