import { readFileSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import type { Host } from '../../compiler/host.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { findingOf, mostTelling } from '../../runtime/tenancy/serve/finding.ts';
import type { CompiledTenancy, Platform } from '../../runtime/tenancy/serve/platform.ts';
import { findInputs } from '../build/inputs.ts';
import { failureText } from '../failure.ts';
import { nodeHost } from '../host.ts';
import { compileOptionsOf, type Project, targetOf } from '../project.ts';
import { type LoadedTenancy, load } from './load-tenancy.ts';
import type { TenancySettings } from './settings.ts';

export interface LoadedPlatform extends Platform {
  /** As `compile`, with what is said to people who started the service. */
  load(additions: string): LoadedTenancy;
}

/**
 * The platform's own files, read once: the first with those that it includes, and the others as if it included them. A text
 * says why there are none.
 */
export function platformOf(
  words: readonly string[],
  settings: TenancySettings,
  project: Project,
): LoadedPlatform | string {
  const { files, problems } = findInputs(words, project);
  const [problem] = problems;
  if (problem !== undefined) return `cannot read \`${problem.path}\`: ${problem.reason}`;
  // The first word is the first file, whatever its name is among the others.
  const first = files.find(({ path }) => path === findInputs(words.slice(0, 1), project).files[0]?.path);
  if (first === undefined || files.some(({ named }) => !named)) return 'a folder is no policy\n  = help: name files';
  let text: string;
  try {
    text = readFileSync(first.path, 'utf8');
  } catch (error) {
    return `cannot read \`${first.path}\`: ${failureText(error)}`;
  }
  const others = files.filter((file) => file !== first).map(({ path }) => pathFrom(first.path, path));
  if (others.length > 0) text += `\n---\n${JSON.stringify({ include: others })}\n`;
  const at = { workspace: first.workspace, dialect: first.dialect ?? 'tenancy' };
  const loadWith = (additions: string) => load(first.path, text, settings, project, at, additions);
  let last: { readonly additions: string; readonly compiled: CompiledTenancy } | undefined;
  return {
    load: loadWith,
    compile(additions) {
      // A change is compiled when it comes and when its turn has come.
      if (last?.additions === additions) return last.compiled;
      const { tenancy, policy, diagnostics } = loadWith(additions);
      const enforceAt = policy?.obligations.find((each) => each.kind === 'enforce-at');
      const compiled = { tenancy, enforceAt, diagnostics };
      last = { additions, compiled };
      return compiled;
    },
    validate(policy) {
      const { diagnostics } = compile('policy.yaml', policy, withoutFiles, {
        ...compileOptionsOf(project),
        target: targetOf(project),
        maximumMilliseconds: 0,
        dialect: 'tenancy',
        today: new Date().toISOString().slice(0, 10),
      });
      const source = sourceText('policy.yaml', policy);
      return mostTelling(diagnostics).map((diagnostic) => findingOf(diagnostic, source));
    },
  };
}

/** A policy that was sent may not read what lies on this machine. */
const withoutFiles: Host = { now: nodeHost.now, sha256: nodeHost.sha256, read: () => undefined };

function pathFrom(first: string, other: string): string {
  return relative(dirname(first), other).split(sep).join('/');
}
