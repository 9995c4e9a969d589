import {
  coverageByField,
  coverageMarks,
  type FieldCoverage,
  fieldStatus,
  type JoinedCoverage,
} from '../../coverage.ts';
import type { Span } from '../../source/span.ts';
import type { EditorDocument } from '../document.ts';
import { asCode, asText } from '../markdown.ts';

/** Of more fields only those that are not enforced in full are named. */
const mostFields = 4;

/** What becomes of rules, a line for each field. */
export function coverageLines(rules: readonly JoinedCoverage[], all: readonly JoinedCoverage[]): readonly string[] {
  const fields = coverageByField(rules);
  const lines = (entries: readonly FieldCoverage[]) => [...new Set(entries.map((field) => lineOf(field, all)))];
  if (fields.length <= mostFields) return lines(fields);
  const lost = fields.filter((entries) => fieldStatus(entries) !== 'full');
  const counted = `${fields.length - lost.length} of ${fields.length} rules enforced in full`;
  return [
    `${lost.length === 0 ? coverageMarks.full : coverageMarks.partial} ${counted}`,
    ...lines(lost.slice(0, mostFields)),
  ];
}

/** The rules that a part of the text has, or else the smallest ones around it; of this version's compilation. */
export function rulesAt({ current, path }: EditorDocument, focus: Span): readonly JoinedCoverage[] {
  const all = (current?.compilation.coverage ?? []).filter(({ span }) => span.file === path);
  const within = all.filter(({ span }) => span.start >= focus.start && span.end <= focus.end);
  return within.length > 0 ? within : smallestAround(all, focus);
}

function smallestAround(all: readonly JoinedCoverage[], focus: Span): readonly JoinedCoverage[] {
  const around = all.filter(({ span }) => span.start <= focus.start && span.end >= focus.end);
  const least = Math.min(...around.map(({ span }) => span.end - span.start));
  return around.filter(({ span }) => span.end - span.start === least);
}

function lineOf(entries: FieldCoverage, all: readonly JoinedCoverage[]): string {
  const [first] = entries;
  const status = fieldStatus(entries);
  const stronger = entries.every(({ overridden }) => overridden !== undefined)
    ? all.find(({ rule }) => rule === first.overridden)
    : undefined;
  if (stronger !== undefined)
    return `${coverageMarks.none} ${asCode(first.topic)} never decides: ${asCode(stronger.topic)} does`;
  const answers = entries.flatMap((entry) => entry.answers);
  const enforcing = [...new Set(answers.filter((each) => each.status !== 'none').map(({ backend }) => backend))];
  const lost = [...new Set(answers.flatMap((each) => (each.lost === undefined ? [] : [each.lost])))];
  const by = first.by === undefined ? '' : ` (${asText(first.by)})`;
  const how = enforcing.length === 0 ? 'not enforced' : `by ${enforcing.join(', ')}`;
  const loss = status === 'full' || lost.length === 0 ? '' : `; lost: ${lost.join('; ')}`;
  const accepted = entries.find((entry) => entry.accepted !== undefined)?.accepted;
  return `${coverageMarks[status]} ${asCode(first.topic)}${by} ${how}${loss}${accepted === undefined ? '' : `; accepted: ${asText(accepted)}`}`;
}
