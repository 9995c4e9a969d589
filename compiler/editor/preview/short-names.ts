import { relativeTo } from '../../paths.ts';

/**
 * What the back-end of eBPF has written, with files named as the policy names them: an editor compiles by absolute paths. Lines stay
 * where they are.
 *
 * @param files those that it was made of, the policy first
 */
export function withShortNames(text: string, files: readonly string[]): string {
  const [policy = ''] = files;
  const names = new Map(files.map((file) => [file, relativeTo(file, policy)]));
  return text
    .split('\n')
    .map((line) => {
      const [whole, before = '', file = '', after = ''] =
        /^(; )(.*?)(:\d+ {2}.*)$/.exec(line) ?? /^( *"file": ")(.*)(",?)$/.exec(line) ?? [];
      const name = names.get(file);
      return whole === undefined || name === undefined ? line : `${before}${name}${after}`;
    })
    .join('\n');
}
