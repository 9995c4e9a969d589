/** How to take back what was done, step by step from the last. */
export type Undo = (() => Promise<unknown>)[];

/** Goes on after a failure. Gives the errors. */
export async function takeBack(undo: Undo): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  for (const step of undo.toReversed()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}
