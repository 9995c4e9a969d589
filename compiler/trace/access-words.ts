import { accessPresets } from '../dialects/sandbox/names.ts';

/**
 * The value of `access:` that grants these rights: the preset that grants no more, and the rights that it leaves. Only
 * `execute` on a directory also grants to list it, since the right has no other word.
 */
export function accessWords(rights: readonly string[], directory: boolean): string {
  const words: string[] = [];
  const left = new Set(rights);
  const take = (preset: string) => {
    words.push(preset);
    for (const right of accessPresets[preset]?.rights ?? []) left.delete(right);
  };
  const grantsNoMore = (preset: string) =>
    (accessPresets[preset]?.rights ?? []).every((right) => left.has(right) || (!directory && right === 'read_dir'));
  if (left.has('execute')) take('execute');
  else if (directory && grantsNoMore('read-write')) take('read-write');
  else if (left.has('read_file') && grantsNoMore('read-only')) take('read-only');
  words.push(...left);
  return words.length === 1 ? words[0]! : `[${words.join(', ')}]`;
}
