import { readFileSync } from 'node:fs';
import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { policyHash } from '../../compiler/bundle.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { readCompiledGuardrail } from '../../runtime/guardrail/read-compiled.ts';
import { simulationBackend } from '../../runtime/guardrail/simulation-backend.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { equalNames } from '../build/equal-names.ts';
import { findInputs, type InputFile } from '../build/inputs.ts';
import { failureText } from '../failure.ts';
import { nodeHost } from '../host.ts';
import { compileOptionsOf, type Project, targetOf } from '../project.ts';

/** A guardrail that was compiled to be evaluated here and now. */
export interface LoadedGuardrail {
  readonly path: string;
  readonly name: string;
  /** Undefined where the policy is switched off. */
  readonly compiled: CompiledGuardrail | undefined;
  /** The sha-256 of the policy's source. */
  hash(): string;
  readonly policy: Policy;
  readonly sources: Compilation['sources'];
}

export interface LoadedGuardrails {
  /** By id. Empty where any policy is wrong: one wrong policy means that none is relied upon. */
  readonly policies: readonly LoadedGuardrail[];
  /** Errors of every policy, and warnings too. */
  readonly diagnostics: readonly Diagnostic[];
  /** What could not be read, or is no guardrail although it was named. */
  readonly problems: readonly string[];
  /** The parameters of all webhooks that the policies name, also of those that are wrong. */
  readonly webhooks: readonly string[];
}

/** Names of documents are digests of few bytes. */
const host = { ...nodeHost, sha256 };

const defaultFolder = 'policies';
const defaultHelp = '\n  = help: name the policies or their folder, or set POLICY_DIR';

/** The folder of policies where the command line names none: `POLICY_DIR`, or `policies`. */
export function policyWords(operands: readonly string[], env: NodeJS.ProcessEnv = process.env): readonly string[] {
  if (operands.length > 0) return operands;
  return [env.POLICY_DIR === undefined || env.POLICY_DIR === '' ? defaultFolder : env.POLICY_DIR];
}

/** Compiles the guardrails that the words name: files, and folders with every policy of this dialect below them. */
export function loadGuardrails(words: readonly string[], project: Project): LoadedGuardrails {
  const { files, problems } = findInputs(words, project);
  const wrong = problems.map(
    ({ path, reason }) => `cannot read \`${path}\`: ${reason}${path === defaultFolder ? defaultHelp : ''}`,
  );
  const diagnostics: Diagnostic[] = [];
  const policies: LoadedGuardrail[] = [];
  const webhooks = new Set<string>();
  for (const file of files) {
    const compilation = compileGuardrail(file, project);
    if (typeof compilation === 'string') wrong.push(compilation);
    else if (compilation.dialect !== undefined && compilation.dialect !== 'guardrail') {
      if (file.named) wrong.push(`\`${file.path}\` is a policy of the dialect ${compilation.dialect}, not a guardrail`);
    } else {
      diagnostics.push(...compilation.diagnostics);
      for (const each of compilation.lowered?.obligations ?? [])
        if (each.kind === 'notify') webhooks.add(each.parameter);
      const loaded = loadedOf(file.path, compilation);
      if (loaded !== undefined) policies.push(loaded);
    }
  }
  const texts = new Map(policies.map(({ path, sources }) => [path, sources.get(path)?.text]));
  diagnostics.push(...equalNames(policies, (path) => texts.get(path)));
  const failed = wrong.length > 0 || diagnostics.some(({ severity }) => severity === 'error');
  return {
    policies: failed ? [] : policies.sort((left, right) => (left.name < right.name ? -1 : 1)),
    diagnostics,
    problems: wrong,
    webhooks: [...webhooks],
  };
}

function compileGuardrail(file: InputFile, project: Project): Compilation | string {
  try {
    return compile(file.path, readFileSync(file.path), host, {
      ...compileOptionsOf(project),
      target: targetOf(project),
      backends: [simulationBackend],
      bundled: false,
      maximumMilliseconds: 0,
      ...(file.dialect === undefined ? {} : { dialect: file.dialect }),
      workspace: file.workspace,
      today: new Date().toISOString().slice(0, 10),
    });
  } catch (error) {
    return `cannot read \`${file.path}\`: ${failureText(error)}`;
  }
}

function loadedOf(
  path: string,
  { ok, outputs, policy, lowered, contents, sources }: Compilation,
): LoadedGuardrail | undefined {
  if (!ok || policy === undefined) return undefined;
  const content = outputs[0]?.artifacts[0]?.content;
  const compiled = typeof content === 'string' ? readCompiledGuardrail(content) : undefined;
  const hash = () => policyHash(contents, host);
  return { path, name: policy.name, compiled, hash, policy: lowered ?? policy, sources };
}
