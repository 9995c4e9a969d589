import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { shorten } from '../../../schema/scalars.ts';
import type { Span } from '../../../source/span.ts';
import type { KuadrantPolicy } from '../policy.ts';
import { fieldOf } from '../resource.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Reports where another policy takes this one's place: an atomic policy of its kind on the same target, or atomic
 * overrides on the Gateway of its route; and a second object of the same name. Only policies that are applied together
 * are compared: those of one folder, or of all files that were named.
 */
export function checkConflicts(policy: KuadrantPolicy, workspace: Workspace, diagnostics: Diagnostic[]): void {
  const { resource, target } = policy;
  // Of two in one file the later one is told of; of two files each.
  const isOther = (other: KuadrantPolicy) =>
    other.resource !== resource &&
    (other.file !== policy.file || other.resource.node.span.start < resource.node.span.start);
  const twin = resource.name === '' ? undefined : workspace.twinsOf(policy).find(isOther);
  if (twin !== undefined) {
    const related = [{ span: nameSpan(twin), label: 'the other one' }];
    diagnostics.push(
      report('POL3123', nameSpan(policy), { kind: policy.kind, name: shorten(resource.name) }, { related }),
    );
    return;
  }
  if (target === undefined) return;
  const rival =
    policy.strategy === 'atomic'
      ? workspace.rivalsOf(policy).find((other) => isOther(other) && other.strategy === 'atomic')
      : undefined;
  if (rival !== undefined) {
    diagnostics.push(
      report(
        'POL5134',
        target.nameNode.span,
        { kind: policy.kind, other: shorten(rival.resource.name), target: shorten(target.name) },
        { related: [{ span: targetSpan(rival), label: `\`${shorten(rival.resource.name)}\` targets it too` }] },
      ),
    );
  }
  const above = overridesAbove(policy, workspace);
  if (above !== undefined) {
    diagnostics.push(
      report(
        'POL5135',
        target.nameNode.span,
        { other: shorten(above.resource.name), gateway: shorten(above.target?.name ?? '') },
        { related: [{ span: targetSpan(above), label: 'overrides all policies below this Gateway' }] },
      ),
    );
  }
}

/** The policy with atomic overrides on a Gateway that the route of this policy is attached to. */
function overridesAbove(
  { target, file, kind }: KuadrantPolicy,
  { overriding, targetsNamed, areTogether }: Workspace,
): KuadrantPolicy | undefined {
  if (target === undefined || target.kind === 'Gateway' || overriding.length === 0) return undefined;
  const gateways = targetsNamed(target.kind, target.name).flatMap((each) => each.gateways);
  return overriding.find(
    (other) =>
      other.kind === kind &&
      other.target !== undefined &&
      gateways.includes(other.target.name) &&
      areTogether(other.file, file),
  );
}

function nameSpan({ resource }: KuadrantPolicy): Span {
  return fieldOf(fieldOf(resource.node, 'metadata'), 'name')?.span ?? resource.node.span;
}

function targetSpan({ target, resource }: KuadrantPolicy): Span {
  return target?.nameNode.span ?? resource.node.span;
}
