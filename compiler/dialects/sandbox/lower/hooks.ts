import { report } from '../../../diagnostics/report.ts';
import { replace } from '../../../expressions/argument-problems.ts';
import type * as Check from '../../../hook-programs/check.ts';
import type { CheckedProgram } from '../../../hook-programs/checked.ts';
import { lowerHookSections, type PlacedSection } from '../../../hook-programs/lower.ts';
import type { Decision, Obligation } from '../../../ir/policy.ts';
import type { HookFile } from '../hook-files.ts';
import { type Lowering, origin } from './lowering.ts';

const load = {
  check: (): typeof Check => require('../../../hook-programs/check.ts'),
};

/**
 * `bpf_lsm:`: the rules of hook programs in text as one decision at `hook`, and an obligation for each object that is
 * loaded as it is. Of several layers that name a hook, the nearest has it.
 */
export function lowerHooks(lowering: Lowering): {
  readonly decision: Decision | undefined;
  readonly obligations: readonly Obligation[];
} {
  const { layers, target, diagnostics } = lowering;
  const obligations: Obligation[] = [];
  const placed: PlacedSection[] = [];
  const checked = new Map<string, CheckedProgram>();
  const decided = new Set<string>();
  let place: HookFile | undefined;
  for (const { hookFiles, by } of layers) {
    for (const file of hookFiles) {
      const { hook, source, span } = file;
      let program = source && checked.get(source.path);
      if (source !== undefined && program === undefined) {
        program = load.check().checkHookProgram(source, target, diagnostics);
        checked.set(source.path, program);
        checkNamed(program, file, hookFiles, lowering);
      }
      if (decided.has(hook)) continue;
      decided.add(hook);
      if (program === undefined) {
        const named = { id: `hook/${hook}`, topic: `security.bpf_lsm.${hook}`, origin: origin(span, by) };
        obligations.push({ ...named, kind: 'hook-program', hook, program: file.file });
        continue;
      }
      place ??= file;
      const section = program.sections.find((each) => each.hook === hook);
      if (section !== undefined) placed.push({ section, ...(by === undefined ? {} : { by }) });
      else reportMissing(program, file, hookFiles, lowering);
    }
  }
  if (place === undefined) return { decision: undefined, obligations };
  const lowered = lowerHookSections(placed, place.key);
  return { decision: lowered.decision, obligations: [...obligations, ...lowered.obligations] };
}

function reportMissing(
  program: CheckedProgram,
  { hook, file, key, span }: HookFile,
  named: readonly HookFile[],
  { diagnostics }: Lowering,
): void {
  // What could not be read may have been the section.
  if (diagnostics.some(({ severity, span: { file: path } }) => severity === 'error' && path !== key.file)) return;
  const free = program.sections.filter((section) => !named.some((other) => other.hook === section.hook));
  const [only] = free;
  const fixes = free.length === 1 ? [replace(key, only!.hook, false)] : [];
  const related = program.sections.map((section) => ({ span: section.span, label: 'it has rules for this hook' }));
  diagnostics.push(report('POL3165', span, { file, hook }, { fixes, related }));
}

/** Reports the sections that no hook of the policy asks for; where a hook has none, that is what is wrong. */
function checkNamed(
  program: CheckedProgram,
  { file, source }: HookFile,
  named: readonly HookFile[],
  { diagnostics }: Lowering,
): void {
  const hooks = named.filter((other) => other.source?.path === source?.path).map(({ hook }) => hook);
  if (!hooks.every((hook) => program.sections.some((section) => section.hook === hook))) return;
  for (const { hook, span } of program.sections) {
    if (!hooks.includes(hook)) diagnostics.push(report('POL3166', span, { file, hook }));
  }
}
