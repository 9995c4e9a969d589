import { nodeHost } from '../../cli/host.ts';
import { type Compilation, type CompileOptions, compile } from '../../compiler/compile.ts';
import type { JoinedCoverage } from '../../compiler/coverage.ts';

/** Compiles a sandbox policy of these lines, after its name and mode, without the gate. */
export function compileText(lines: string, options: CompileOptions = {}): Compilation {
  return compile('web.yaml', `profile: web\nmode: sandbox\n${lines}`, nodeHost, {
    maximumMilliseconds: 0,
    ...options,
  });
}

/** What becomes of every rule of a topic, in the order of the policy. */
export function coverageOf({ coverage }: Compilation, topic: string): readonly JoinedCoverage[] {
  return coverage.filter((entry) => entry.topic === topic);
}

/** `code severity message` of each diagnostic about coverage. */
export function coverageFindings({ diagnostics }: Compilation): readonly string[] {
  return diagnostics
    .filter(({ code }) => code.startsWith('POL600'))
    .map(({ code, severity, message }) => `${code} ${severity} ${message}`);
}
