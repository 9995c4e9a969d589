import { type Compilation, compile } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { combineLaunches, type LaunchPart } from '../../compiler/ir/launch.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { decisionBackend } from '../../runtime/launch/decision-backend.ts';
import { compileOptionsOf, type Project, targetOf } from '../project.ts';
import { workspaceHost } from '../workspace-host.ts';

/** A governance policy that was compiled to decide launches. */
export interface CompiledChain {
  readonly path: string;
  /** All of its parts together, not optimised; undefined where one of them is wrong. */
  readonly policy: Policy | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: Compilation['sources'];
}

/** Where one document of a text ends and the next begins, as in YAML. */
const separator = /^---$/m;

/**
 * Compiles a governance policy of one document or several, each of which says what an invitation to the one before
 * narrows. All of them hold.
 *
 * @param workspace the folder that references may not leave
 */
export function compileChain(path: string, text: string, workspace: string, project: Project): CompiledChain {
  const compilations = documents(text).map((document) =>
    compile(path, document, workspaceHost(), {
      ...compileOptionsOf(project),
      target: targetOf(project),
      dialect: 'governance',
      backends: [decisionBackend],
      bundled: false,
      maximumMilliseconds: 0,
      workspace,
      today: new Date().toISOString().slice(0, 10),
    }),
  );
  const diagnostics = compilations.flatMap((compilation) => compilation.diagnostics);
  const policies = compilations.flatMap(({ lowered }) => lowered ?? []);
  const whole = policies.length === compilations.length && diagnostics.every(({ severity }) => severity !== 'error');
  const parts = policies.map((policy): LaunchPart => ({ role: 'profile', policy }));
  const [only] = policies;
  return {
    path,
    policy: whole ? (policies.length === 1 ? only : combineLaunches(parts)) : undefined,
    diagnostics,
    sources: new Map(compilations.toReversed().flatMap(({ sources }) => [...sources])),
  };
}

/** Each document with all before it blanked, so that places in it are places in the text. */
export function documents(text: string): readonly string[] {
  let before = '';
  const all = text.split(separator).map((document) => {
    const placed = `${before}${document}`;
    before += `${document}---`.replace(/[^\n]/g, ' ');
    return placed;
  });
  // What stands before a first `---`, which many files begin with.
  const said = all.filter((document) => document.split('\n').some((line) => !/^\s*(#|$)/.test(line)));
  return said.length === 0 ? all.slice(0, 1) : said;
}
