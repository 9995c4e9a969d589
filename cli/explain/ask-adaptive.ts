import type { Compilation } from '../../compiler/compile.ts';
import { explainAdaptive } from '../../compiler/explain/adaptive.ts';
import type { Answer } from '../../compiler/explain/answer.ts';
import type { Target } from '../../compiler/target.ts';
import { findInputs } from '../build/inputs.ts';
import type { Project } from '../project.ts';
import { workspaceHost } from '../workspace-host.ts';

/** The state machine of a policy that was compiled; as text in `lines` where it is drawn for Mermaid. */
export function askAdaptive(
  compilation: Compilation,
  word: string,
  project: Project,
  target: Target,
  isMermaid: boolean,
): Answer | undefined {
  const [input] = findInputs([word], project).files;
  if (input === undefined || compilation.dialect !== 'sandbox') return undefined;
  const answer = explainAdaptive(compilation, input.path, input.workspace, workspaceHost(), target);
  return answer && (isMermaid ? { ...answer, lines: [answer.mermaid] } : answer);
}
