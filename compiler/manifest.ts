import type { JoinedCoverage } from './coverage.ts';
import type { Span } from './source/span.ts';

/**
 * The text of `manifest.json`: `head` as JSON indents it by two columns, and behind its keys what became of each rule.
 * That is nearly all of the file, and is written straight down: rules that were joined into one share all but their
 * first lines.
 *
 * Neighbours that differ in their names alone, such as the limits of the teams of a tier, are one entry: `rule` is the
 * first and `with` has the others in their order, each a name, or many that differ in one part as
 * `{ "before": "quota/free/", "names": ["blue", "red"], "after": "/burst_limit" }`.
 *
 * @param place `file:line:column` of a span, as JSON writes it
 */
export function manifestText(head: object, coverage: readonly JoinedCoverage[], place: (span: Span) => string): string {
  const start = JSON.stringify(head, undefined, 2).slice(0, -'\n}'.length);
  if (coverage.length === 0) return `${start},\n  "coverage": []\n}\n`;
  let text = `${start},\n  "coverage": [`;
  let before: JoinedCoverage | undefined;
  let rest = '';
  for (let at = 0; at < coverage.length; ) {
    const entry = coverage[at]!;
    const from = place(entry.span);
    let end = at + 1;
    while (end < coverage.length && isAlike(coverage[end]!, entry, from, place)) end += 1;
    if (before === undefined || !sameOutcome(entry, before)) rest = outcomeText(entry);
    text += before === undefined ? '\n    {' : ',\n    {';
    text += `\n      "rule": ${quoted(entry.rule)},`;
    if (end - at > 1) text += `\n      "with": [${othersText(coverage, at + 1, end)}],`;
    text += `\n      "topic": ${quoted(entry.topic)},\n      "at": ${from},`;
    if (entry.by !== undefined) text += `\n      "by": ${quoted(entry.by)},`;
    text += rest;
    before = entry;
    at = end;
  }
  return `${text}\n  ]\n}\n`;
}

/** Whether the two differ in nothing but the name of the rule. */
function isAlike(entry: JoinedCoverage, first: JoinedCoverage, from: string, place: (span: Span) => string): boolean {
  return (
    sameOutcome(entry, first) &&
    entry.topic === first.topic &&
    entry.by === first.by &&
    (entry.span === first.span || place(entry.span) === from)
  );
}

/** The names of entries from `start` up to `end`; names that differ in one part between slashes are listed together. */
function othersText(coverage: readonly JoinedCoverage[], start: number, end: number): string {
  const items: string[] = [];
  for (let at = start; at < end; ) {
    const frame = at + 1 < end ? frameOf(coverage[at]!.rule, coverage[at + 1]!.rule) : undefined;
    if (frame === undefined) {
      items.push(quoted(coverage[at]!.rule));
      at += 1;
      continue;
    }
    const { before, after } = frame;
    const names: string[] = [];
    for (; at < end; at += 1) {
      const { rule } = coverage[at]!;
      const name = rule.slice(before.length, rule.length - after.length);
      if (name === '' || name.includes('/') || rule !== `${before}${name}${after}`) break;
      names.push(quoted(name));
    }
    items.push(`{ "before": ${quoted(before)}, "names": [${names.join()}], "after": ${quoted(after)} }`);
  }
  return items.join(', ');
}

/** What two names share around the one part in which they differ; undefined where they differ in none, or in several. */
function frameOf(one: string, other: string): { readonly before: string; readonly after: string } | undefined {
  const parts = one.split('/');
  const others = other.split('/');
  const different = parts.flatMap((part, index) => (part === others[index] ? [] : [index]));
  const [index] = different;
  if (parts.length !== others.length || index === undefined || different.length > 1) return undefined;
  if (parts[index] === '' || others[index] === '') return undefined;
  const before = parts.slice(0, index).map((part) => `${part}/`);
  const after = parts.slice(index + 1).map((part) => `/${part}`);
  return { before: before.join(''), after: after.join('') };
}

function sameOutcome(left: JoinedCoverage, right: JoinedCoverage): boolean {
  return (
    left.status === right.status &&
    left.deployments === right.deployments &&
    left.answers === right.answers &&
    left.accepted === right.accepted &&
    left.overridden === right.overridden
  );
}

/** From `status` to the end of an entry. */
function outcomeText({ status, deployments, answers, accepted, overridden }: JoinedCoverage): string {
  let text = `\n      "status": "${status}",\n      "deployments": {`;
  deployments.forEach(({ name, status: own }, index) => {
    text += `${index === 0 ? '' : ','}\n        "${name}": "${own}"`;
  });
  text += deployments.length === 0 ? '},' : '\n      },';
  text += '\n      "backends": [';
  answers.forEach(({ backend, status: own, enforced, lost }, index) => {
    text += `${index === 0 ? '' : ','}\n        {\n          "backend": "${backend}",\n          "status": "${own}"`;
    if (enforced !== undefined) text += `,\n          "enforced": ${quoted(enforced)}`;
    if (lost !== undefined) text += `,\n          "lost": ${quoted(lost)}`;
    text += '\n        }';
  });
  text += answers.length === 0 ? ']' : '\n      ]';
  if (accepted !== undefined) text += `,\n      "accepted": ${quoted(accepted)}`;
  if (overridden !== undefined) text += `,\n      "overridden": ${quoted(overridden)}`;
  return `${text}\n    }`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
