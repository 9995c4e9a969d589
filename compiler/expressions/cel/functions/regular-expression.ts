import { RE2JS } from '@bufbuild/re2';

/** A pattern in RE2's syntax, made ready; undefined where it is none. */
export function compilePattern(pattern: string): { readonly test: (text: string) => boolean } | undefined {
  try {
    const compiled = RE2JS.compile(pattern);
    return { test: (text) => compiled.test(text) };
  } catch {
    // Its only way to say that a pattern is wrong, or too large for it.
    return undefined;
  }
}
