import { execFileSync } from 'node:child_process';
import { columns, nativeHelper } from './native.ts';
import { median } from './rounds.ts';

/** Starts commands in turn, so many rounds, and gives the median of each in milliseconds from start to end. */
export type Spawner = (rounds: number, commands: readonly (readonly string[])[]) => readonly number[];

/** Undefined, and said on the output, where the helper cannot be compiled. */
export function spawner(): Spawner | undefined {
  const helper = nativeHelper('spawn');
  if (helper === undefined) return undefined;
  return (rounds, commands) => {
    const words = commands.flatMap((command, at) => (at === 0 ? command : ['--', ...command]));
    const output = execFileSync(helper, [String(rounds), ...words], { encoding: 'utf8' });
    return columns(output).map((times) => median(times) / 1e6);
  };
}
