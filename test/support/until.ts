/** Milliseconds: so long that only what never comes is waited for in vain, however busy the machine is. */
export const longPatience = 60_000;

/** Asks every few milliseconds until the answer is as it should be, and gives it; after a minute the last one, whatever it is. */
export async function answerThat<Answer>(
  ask: () => Answer | Promise<Answer>,
  isRight: (answer: Answer) => boolean,
): Promise<Answer> {
  for (const end = performance.now() + longPatience; ; ) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until something holds; throws where it does not within a minute. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'it holds'): Promise<void> {
  if (!(await answerThat(holds, (answer) => answer))) throw new Error(`waited in vain until ${what}`);
}
