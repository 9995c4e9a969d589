import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { requiredPermissions } from '../../runtime/guardrail/aws/permissions.ts';
import { readBudgetMap } from '../../runtime/guardrail/budget-map.ts';
import { readHistory } from '../../runtime/guardrail/history.ts';
import { type HashedText, reachOf } from '../../runtime/guardrail/reach.ts';
import type { PolicyResult } from '../build/result.ts';
import { failureText } from '../failure.ts';
import { publish } from '../write.ts';

/** What a whole workspace shares lies in this folder of the output, beside the policies'. */
const workspaceFolder = '_workspace';

/** The texts of a budget map and a history, which have been read without an error; empty where there is none. */
export interface KnownTexts {
  readonly budgetMap: string;
  readonly history: string;
}

/** Reads and checks the files of `--budget-map` and `--history`. */
export function readKnown(paths: { readonly budgetMap: string | undefined; readonly history: string | undefined }): {
  readonly texts: KnownTexts;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const textOf = (path: string | undefined, read: typeof readBudgetMap | typeof readHistory): string => {
    if (path === undefined) return '';
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      diagnostics.push(report('POL8002', { file: path, start: 0, end: 0 }, { path, reason: failureText(error) }));
      return '';
    }
    diagnostics.push(...read(path, text).diagnostics);
    return text;
  };
  const texts = { budgetMap: textOf(paths.budgetMap, readBudgetMap), history: textOf(paths.history, readHistory) };
  return { texts, diagnostics };
}

/**
 * Writes `OUT/_workspace/lambda`: the handler for AWS Lambda with every guardrail that is switched on, what its role has
 * to be allowed, and how the function is set up. The same guardrails give the same bytes.
 *
 * @param out where the policies have just been written
 */
export function writeLambda(out: string, results: readonly PolicyResult[], known: KnownTexts): Diagnostic | undefined {
  const taken = results.find(({ name }) => name === workspaceFolder);
  if (taken !== undefined) {
    return report('POL5024', { file: taken.path, start: 0, end: 0 }, { name: workspaceFolder });
  }
  const guardrails = results
    .filter(({ dialect, emits }) => dialect === 'guardrail' && emits.some(({ backend }) => backend === 'guardrail'))
    .flatMap(({ name, hash }) => {
      const text = textIfThere(join(out, name, 'guardrail', 'policy.json'));
      // A guardrail that is switched off has none.
      return text === undefined ? [] : [{ name, hash, text }];
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  // With the slash it names a folder, of which no excerpt is shown.
  const place = { file: `${out.replace(/\/+$/, '')}/`, start: 0, end: 0 };
  if (guardrails.length === 0) return report('POL8063', place, {});
  const template = join(import.meta.dirname, 'lambda.mjs');
  let script: string;
  try {
    script = readFileSync(template, 'utf8');
  } catch (error) {
    return report('POL8002', place, { path: template, reason: failureText(error) });
  }
  const files = [
    { path: 'lambda/handler.mjs', content: handlerText(guardrails, known, script) },
    { path: 'lambda/permissions.json', content: jsonText(requiredPermissions(reachOf(guardrails))) },
    { path: 'lambda/function.json', content: jsonText(functionSettings) },
  ];
  return publish(out, [{ name: workspaceFolder, files }]);
}

/** Lines with the guardrails and what is known as strings, in which no character ends a script early, and then the script. */
function handlerText(guardrails: readonly HashedText[], { budgetMap, history }: KnownTexts, script: string): string {
  const pairs = guardrails.map(({ hash, text }) => [hash, text]);
  return `const polcGuardrails = ${JSON.stringify(pairs)};
const polcBudgetMap = ${JSON.stringify(budgetMap)};
const polcHistory = ${JSON.stringify(history)};
${script}`;
}

/** In the words of `aws lambda create-function`. */
const functionSettings = {
  Runtime: 'nodejs22.x',
  Handler: 'handler.handler',
  MemorySize: 256,
  Timeout: 120,
  // Whoever floods the function URL costs no more than this; with 1, nothing else would get its turn meanwhile.
  ReservedConcurrentExecutions: 5,
  Environment: { Variables: { POLC_APPROVAL_URL: '' } },
};

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
