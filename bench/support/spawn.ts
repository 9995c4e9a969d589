import { execFileSync } from 'node:child_process';
import { columns, nativeHelper } from './native.ts';
import { median } from './rounds.ts';

/** What a command takes, in milliseconds. */
export interface ProcessTime {
  /** From start to end, the median. */
  readonly elapsed: number;
  /** On the processors, the least: what else the machine does can only add to it. */
  readonly cpu: number;
}

/** Starts commands in turn, so many rounds, and gives the times of each. */
export type Spawner = (rounds: number, commands: readonly (readonly string[])[]) => readonly ProcessTime[];

/** Undefined, and said on the output, where the helper cannot be compiled. */
export function spawner(): Spawner | undefined {
  const helper = nativeHelper('spawn');
  if (helper === undefined) return undefined;
  return (rounds, commands) => {
    const words = commands.flatMap((command, at) => (at === 0 ? command : ['--', ...command]));
    const output = execFileSync(helper, [String(rounds), ...words], { encoding: 'utf8' });
    const times = columns(output);
    return commands.map((_, at) => ({
      elapsed: median(times[at]!) / 1e6,
      cpu: Math.min(...times[commands.length + at]!) / 1e6,
    }));
  };
}
