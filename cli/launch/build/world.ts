import { BuildStopped, type BuildWorld, slots, usualTimes } from '../../../runtime/launch/build/world.ts';
import { connectCloud } from '../../../runtime/launch/sdk-cloud.ts';
import { nodeHost } from '../../host.ts';

/** The world of a process, which stops at the first Ctrl-C where it can be resumed, and at the second at once. */
export interface ProcessWorld {
  readonly world: Omit<BuildWorld, 'signer' | 'tell'>;
  /** Lets signals end the process again. */
  readonly release: () => void;
}

export function processWorld(parallel: number, env: NodeJS.ProcessEnv = process.env): ProcessWorld {
  let stopped = false;
  const wakers = new Set<() => void>();
  const stop = () => {
    stopped = true;
    release();
    for (const wake of wakers) wake();
  };
  const release = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const pause = async (milliseconds: number) => {
    if (stopped) throw new BuildStopped();
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      wakers.add(wake);
    });
    if (stopped) throw new BuildStopped();
  };
  const scale = pollScale(env.POLC_BUILD_POLL);
  const { poll, settle } = usualTimes;
  return {
    world: {
      cloud: connectCloud(),
      now: Date.now,
      elapsed: () => Number(process.hrtime.bigint() / 1_000_000n),
      pause,
      sha256: nodeHost.sha256,
      slot: slots(parallel),
      times: { ...usualTimes, poll: poll * scale, settle: settle * scale },
    },
    release,
  };
}

/** `POLC_BUILD_POLL`: seconds between two looks; ten unless told. */
function pollScale(written: string | undefined): number {
  const seconds = Number(written);
  return written === undefined || written === '' || !(seconds > 0 && seconds <= 600) ? 1 : seconds / 10;
}
