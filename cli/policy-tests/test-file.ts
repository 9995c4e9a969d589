import { readFileSync } from 'node:fs';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { dialects } from '../../compiler/dialects/index.ts';
import { resolveReference } from '../../compiler/dialects/loader.ts';
import { runDecisionTest, type TestResult } from '../../compiler/policy-tests/run.ts';
import { testsIn, testsNode } from '../../compiler/policy-tests/tests-in.ts';
import { decode } from '../../compiler/source/decode.ts';
import { parseYamlStream } from '../../compiler/source/parse-yaml.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { Target } from '../../compiler/target.ts';
import type { InputFile } from '../build/inputs.ts';
import { failureText } from '../failure.ts';
import { loadGuardrails } from '../guardrail/load-policies.ts';
import { compileOptionsOf, type Project } from '../project.ts';
import { workspaceHost } from '../workspace-host.ts';
import { runEventTest } from './event-test.ts';

/** What became of the tests of one policy. */
export interface TestedFile {
  readonly path: string;
  readonly results: readonly NamedResult[];
  /** Errors of the policy: then nothing was asked. */
  readonly errors: readonly Diagnostic[];
  readonly sources: Compilation['sources'];
}

export interface NamedResult extends TestResult {
  readonly name: string;
  /** Its place in the list, from 0. */
  readonly index: number;
  /** The whole test, and the answer that it expects. */
  readonly span: Span;
  readonly expectSpan: Span;
}

/** Asks one policy its questions; undefined where it has none, or is no policy. */
export function testFile(
  input: InputFile,
  project: Project,
  target: Target,
): TestedFile | { readonly problem: string } | undefined {
  let content: Uint8Array;
  try {
    content = readFileSync(input.path);
  } catch (error) {
    return { problem: `cannot read \`${input.path}\`: ${failureText(error)}` };
  }
  const { source } = decode(input.path, content);
  // Most files have none, and compiling takes a hundred times as long as this.
  if (!/^["']?tests["']?\s*:/m.test(source.text)) return undefined;
  const { root } = parseYamlStream(source).documents[0] ?? {};
  if (testsNode(root) === undefined) return undefined;
  const compilation = compile(input.path, content, workspaceHost(), {
    ...compileOptionsOf(project),
    ...(input.dialect === undefined ? {} : { dialect: input.dialect }),
    workspace: input.workspace,
    today: new Date().toISOString().slice(0, 10),
    target,
    maximumMilliseconds: 0,
    findingsOnly: true,
  });
  const { policy, sources, diagnostics } = compilation;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const dialect = dialects.find(({ name }) => name === compilation.dialect);
  if (dialect === undefined && input.named === false) return undefined;
  const file = { path: input.path, sources };
  if (policy === undefined || errors.length > 0) return { ...file, results: [], errors };
  const guardrail = memoised(() => ({
    policy,
    compiled: loadGuardrails([input.path], project).policies[0]?.compiled,
    read: (name: string) => textBeside(input.path, name),
  }));
  const results = testsIn(root, dialect).map(({ value: test, span }, index): NamedResult => {
    const { name, question, expected } = test;
    const result =
      question.kind === 'event'
        ? runEventTest(test, question, guardrail())
        : runDecisionTest(test, question, policy, target);
    return { ...result, name, index, span, expectSpan: expected.span };
  });
  return { ...file, results, errors };
}

function memoised<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function textBeside(policy: string, name: string): string | undefined {
  const path = name.startsWith('/') ? name : resolveReference(policy, name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
