import fc from 'fast-check';
import { suite as uvuSuite } from 'uvu';

// Where nothing may be skipped, a run must mean the same each time; elsewhere each run looks at other cases.
if (process.env.POLC_TEST_STRICT) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20261123 });

/**
 * A uvu suite whose tests can be filtered by `<suite>/<test>` (POLC_TEST_FILTER) and whose skips name their reason.
 */
export interface Suite {
  test(name: string, run: () => void | Promise<void>): void;
  /**
   * Skips a test on this machine and says why. With POLC_TEST_STRICT, where nothing may be skipped, it fails, but for what is
   * downloaded from where nobody promises that it stays: kernels and programs of other distributions and releases.
   */
  skip(name: string, reason: string, from?: 'elsewhere'): void;
  /** Starts the suite; call it last. */
  run(): void;
}

export function suite(name: string): Suite {
  const tests = uvuSuite(name);
  const filter = process.env.POLC_TEST_FILTER ?? '';
  const wanted = (test: string) => `${name}/${test}`.includes(filter);
  return {
    test(test, run) {
      if (wanted(test)) tests(test, run);
    },
    skip(test, reason, from) {
      if (!wanted(test)) return;
      if (process.env.POLC_TEST_STRICT && from !== 'elsewhere') {
        tests(test, () => {
          throw new Error(`skipped where nothing may be skipped: ${reason}`);
        });
        return;
      }
      console.log(`skipped ${name}/${test}: ${reason}`);
      tests.skip(test, () => {});
    },
    run() {
      tests.run();
    },
  };
}

/** True when the run was asked to rewrite the reviewed expected output (`npm test -- --update`). */
export const updating = process.env.POLC_TEST_UPDATE === '1';
