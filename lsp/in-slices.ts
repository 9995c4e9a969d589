import type { Session } from './session.ts';

/** Milliseconds of work after which messages are read. */
const slice = 8;

/**
 * Work that nobody waits for who types, in slices, and only while no open document has to be compiled.
 *
 * @param goesOn whether the result is still wanted, asked between two slices
 * @returns undefined where it was not
 */
export async function inSlices<Result>(
  { schedule, world }: Session,
  steps: Generator<unknown, Result>,
  goesOn: () => boolean,
): Promise<Result | undefined> {
  for (let from = world.host.now(); ; ) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (world.host.now() - from < slice) continue;
    await new Promise<void>((resolve) => world.soon(resolve));
    await schedule.whenIdle();
    if (!goesOn()) return undefined;
    from = world.host.now();
  }
}
