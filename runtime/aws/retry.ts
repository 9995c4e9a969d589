import { AwsFailure } from './failure.ts';

/** How long to wait before a further attempt. */
export interface Pace {
  /** How many attempts in all. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; it doubles from attempt to attempt. */
  readonly first: number;
}

/** Some 13 seconds: IAM mostly catches up within a few. Source: "Changes that I make are not always immediately visible", IAM user guide. */
const untilVisible: Pace = { attempts: 8, first: 100 };

/**
 * Tries again while it fails in a way that passes. Each pause is somewhere between half and the whole of what the pace
 * says, so that several runs do not come back at once.
 */
export async function retried<T>(
  call: () => Promise<T>,
  passes: (failure: AwsFailure) => boolean,
  { attempts, first }: Pace = untilVisible,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= attempts || !(error instanceof AwsFailure) || !passes(error)) throw error;
      const pause = first * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
