import { AwsFailure } from '../../aws/failure.ts';
import { percentAt } from './estimate.ts';
import type { BuildJournal } from './journal.ts';
import type { PlaceName } from './plan.ts';
import type { BuildRecord, PlaceStep } from './record.ts';
import { after, type BuildState, type PlaceState } from './state.ts';
import { type BuildWorld, PlaceFailure } from './world.ts';

/** A compilation that this process works on: its state, which the journal knows before anything else does. */
export class Compilation {
  readonly world: BuildWorld;
  readonly #journal: BuildJournal;
  #state: BuildState;

  constructor(state: BuildState, journal: BuildJournal, world: BuildWorld) {
    this.#state = state;
    this.#journal = journal;
    this.world = world;
  }

  get state(): BuildState {
    return this.#state;
  }

  place(name: PlaceName): PlaceState {
    const found = this.#state.places.find((place) => place.name === name);
    if (found === undefined) throw new Error(`the plan has no place ${name}`);
    return found;
  }

  note(record: BuildRecord): void {
    const stamped = { ...record, at: new Date(this.world.now()).toISOString() };
    this.#journal.append(stamped);
    this.#state = after(this.#state, stamped);
  }

  step(name: PlaceName, step: PlaceStep): void {
    this.note({ place: name, ...step });
    this.world.tell?.(this.place(name));
  }

  /** Notes what a place is at, where that is something else than before. */
  stage(name: PlaceName, stage: string): void {
    const place = this.place(name);
    if (place.stage === stage) return;
    this.step(name, { kind: 'stage', stage, percent: percentAt(this.#state.plan, place.planned, stage, 0) });
  }

  /**
   * Looks again and again until there is something. What fails in a way that passes is looked at again.
   *
   * @param what for the message, where the time runs out
   * @throws PlaceFailure then; AwsFailure, BuildStopped
   */
  async until<T>(what: string, limit: number, look: () => Promise<T | undefined>): Promise<T> {
    const { elapsed, pause, times } = this.world;
    const begun = elapsed();
    for (;;) {
      try {
        const found = await look();
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof AwsFailure) || !error.transient || elapsed() - begun > limit) throw error;
      }
      if (elapsed() - begun > limit) {
        throw new PlaceFailure(`${what} took longer than ${Math.round(limit / 60_000)} minutes`);
      }
      await pause(times.poll);
    }
  }
}
