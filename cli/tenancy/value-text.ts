import type { FieldChange } from '../../runtime/tenancy/field-changes.ts';
import { pathText } from '../../runtime/tenancy/json.ts';
import type { Json, ObjectPlace } from '../../runtime/tenancy/port.ts';

const longest = 120;

/** A value on one line, cut where it is long. */
function valueText(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** `.spec.limits.free.rates  [1] → [2]  (kubectl-edit)` in two lines where both values are there. */
export function fieldLines({ path, live, wanted, owners }: FieldChange, indent: string): string {
  const owned = owners.length === 0 ? '' : `  (${owners.join(', ')})`;
  const lines = [
    `${indent}${pathText(path)}${owned}`,
    ...(live === undefined ? [] : [`${indent}  - ${valueText(live)}`]),
    ...(wanted === undefined ? [] : [`${indent}  + ${valueText(wanted)}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** A field as programs read it. */
export function fieldJson({ path, live, wanted, owners }: FieldChange) {
  return {
    field: pathText(path),
    ...(live === undefined ? {} : { live }),
    ...(wanted === undefined ? {} : { wanted }),
    owners,
  };
}

export function placeJson({ kind, namespace, name }: ObjectPlace) {
  return { kind: kind.kind, namespace, name };
}
