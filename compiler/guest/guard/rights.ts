import { fileSystemRights } from '../../tables/landlock.ts';

const names = [
  'write_file',
  'read_file',
  'read_dir',
  'remove_dir',
  'remove_file',
  'make_dir',
  'make_reg',
  'refer',
  'truncate',
] as const;

export type RightBits = Readonly<Record<(typeof names)[number], number>>;

/** The rights that WASI has something for, as bits, as the automaton of paths numbers them. */
export function rightBits(): RightBits {
  const bitOf = (wanted: string) => Number(fileSystemRights().find(({ name }) => name === wanted)?.bit ?? 0n);
  return {
    write_file: bitOf('write_file'),
    read_file: bitOf('read_file'),
    read_dir: bitOf('read_dir'),
    remove_dir: bitOf('remove_dir'),
    remove_file: bitOf('remove_file'),
    make_dir: bitOf('make_dir'),
    make_reg: bitOf('make_reg'),
    refer: bitOf('refer'),
    truncate: bitOf('truncate'),
  };
}
