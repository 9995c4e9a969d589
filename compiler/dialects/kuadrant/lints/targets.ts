import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import { replaceWith, shorten } from '../../../schema/scalars.ts';
import type { YamlNode } from '../../../source/tree.ts';
import type { KuadrantPolicy } from '../policy.ts';
import { isTemplated } from '../resource.ts';
import type { TargetObject, Workspace } from '../workspace.ts';

/**
 * Reports a target, or a section of one, that is not among the Gateways and routes of the workspace. Where it has none of
 * the kind, nothing can be told.
 */
export function checkTarget(policy: KuadrantPolicy, workspace: Workspace, diagnostics: Diagnostic[]): void {
  const { target, resource } = policy;
  if (target === undefined || isTemplated(target.name)) return;
  const ofKind = workspace.targetsOfKind(target.kind);
  if (ofKind.length === 0) return;
  const named = workspace.targetsNamed(target.kind, target.name);
  const { kind, name, section } = target;
  if (named.length === 0) {
    if (ofKind.some((each) => isTemplated(each.name))) return;
    const known = ofKind.map((each) => each.name);
    diagnostics.push(
      report('POL3120', target.nameNode.span, { kind, name: shorten(name) }, near(target.nameNode, name, known)),
    );
    return;
  }
  const reachable = named.filter((each) => sameNamespace(each.namespace, resource.namespace));
  if (reachable.length === 0) {
    const [other] = named;
    const holes = { kind, name: shorten(name), other: other?.namespace ?? '', own: resource.namespace };
    diagnostics.push(report('POL3124', target.nameNode.span, holes));
    return;
  }
  checkSection(policy, reachable, section, diagnostics);
}

function checkSection(
  { target }: KuadrantPolicy,
  objects: readonly TargetObject[],
  section: string,
  diagnostics: Diagnostic[],
): void {
  const node = target?.sectionNode;
  if (target === undefined || node === undefined || section === '' || isTemplated(section)) return;
  const sections = objects.flatMap((each) => each.sections);
  if (sections.includes(section)) return;
  const holes = { section: shorten(section), kind: target.kind, name: shorten(target.name) };
  diagnostics.push(report('POL3121', node.span, holes, near(node, section, sections)));
}

function near(node: YamlNode, word: string, known: readonly string[]) {
  const meant = nearest(word, known);
  if (node.kind !== 'scalar' || meant === undefined) return {};
  const { help, fixes } = replaceWith(node, meant);
  return { help: help ?? '', fixes: (fixes ?? []).map((fix) => ({ ...fix, certain: false })) };
}

/** An object without a namespace gets that of whoever applies it, which may be any. */
export function sameNamespace(left: string, right: string): boolean {
  return left === right || left === '' || right === '' || isTemplated(left) || isTemplated(right);
}
