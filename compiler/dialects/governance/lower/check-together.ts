import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { matchesGlob } from '../../../expressions/glob.ts';
import { combineLaunches, type LaunchPart } from '../../../ir/launch.ts';
import { type EffectiveLimit, effectiveLimits } from '../../../ir/launch-limits.ts';

/** What a part says that wider ones refuse all the same: it narrows what they allow, and never widens it. */
export function checkTogether(wider: readonly LaunchPart[], own: LaunchPart, diagnostics: Diagnostic[]): void {
  if (wider.length === 0) return;
  const around = wider.flatMap((part) => effectiveLimits(combineLaunches([part])));
  for (const limit of effectiveLimits(own.policy)) {
    if (limit.kind === 'at-most') checkBound(limit, around, diagnostics);
    else if (limit.kind === 'one-of') checkValues(limit, around, diagnostics);
  }
}

function checkBound(
  limit: Extract<EffectiveLimit, { kind: 'at-most' }>,
  around: readonly EffectiveLimit[],
  diagnostics: Diagnostic[],
): void {
  for (const other of around) {
    if (other.kind !== 'at-most' || other.attribute !== limit.attribute || other.bound >= limit.bound) continue;
    const at = limit.sources[0]!.origin.span;
    const related = [{ span: other.sources[0]!.origin.span, label: 'the lower limit' }];
    diagnostics.push(report('POL5345', at, { part: partName(other) }, { related }));
  }
}

/** An empty list is reported where it stands; a name of a template may stand for an image of another one. */
function checkValues(
  limit: Extract<EffectiveLimit, { kind: 'one-of' }>,
  around: readonly EffectiveLimit[],
  diagnostics: Diagnostic[],
): void {
  if (limit.values.length === 0) return;
  const at = limit.sources[0]!.origin.span;
  let left = limit.values;
  for (const other of around) {
    if (other.kind !== 'one-of' && other.kind !== 'none-of') continue;
    if (other.attributes.join() !== limit.attributes.join()) continue;
    const fits = (value: string) => other.values.some((each) => mayMeet(value, each));
    const refused = limit.values.filter((value) =>
      other.kind === 'one-of' ? !fits(value) : isDenied(value, other.values),
    );
    if (refused.length === 0) continue;
    left = left.filter((value) => !refused.includes(value));
    const related = [{ span: other.sources[0]!.origin.span, label: 'what is allowed there' }];
    if (other.kind === 'none-of') related[0]!.label = 'denied there';
    const names = refused.map((value) => `\`${value}\``).join(', ');
    if (left.length > 0 || limit.attributes.length > 1) {
      diagnostics.push(report('POL5346', at, { names, part: partName(other) }, { related }));
    } else {
      diagnostics.push(report('POL5347', at, { part: partName(other) }, { related }));
      return;
    }
  }
}

function isDenied(value: string, denied: readonly string[]): boolean {
  return denied.some((each) => each === value || (!each.includes('?') && matchesGlob(value, each)));
}

/** Whether something may fit both; patterns on both sides are not looked into. */
function mayMeet(one: string, other: string): boolean {
  const patterns = [one, other].filter((each) => /[*?]/.test(each));
  return patterns.length > 1 || matchesGlob(one, other) || matchesGlob(other, one);
}

function partName({ sources }: EffectiveLimit): string {
  return sources[0]!.origin.by ?? 'a wider part';
}
