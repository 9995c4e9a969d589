import type { JoinedCoverage } from './coverage.ts';
import type { Span } from './source/span.ts';

/**
 * The text of `manifest.json`: `head` as JSON indents it by two columns, and behind its keys what became of each rule.
 * That is nearly all of the file, and is written straight down: rules that were joined into one share all but their
 * first lines.
 *
 * @param place `file:line:column` of a span, as JSON writes it
 */
export function manifestText(head: object, coverage: readonly JoinedCoverage[], place: (span: Span) => string): string {
  const start = JSON.stringify(head, undefined, 2).slice(0, -'\n}'.length);
  if (coverage.length === 0) return `${start},\n  "coverage": []\n}\n`;
  let text = `${start},\n  "coverage": [`;
  let before: JoinedCoverage | undefined;
  let rest = '';
  let topic = '';
  for (const entry of coverage) {
    if (entry.topic !== before?.topic) topic = quoted(entry.topic);
    if (before === undefined || !sameOutcome(entry, before)) rest = outcomeText(entry);
    text += before === undefined ? '\n    {' : ',\n    {';
    text += `\n      "rule": ${quoted(entry.rule)},\n      "topic": ${topic},`;
    text += `\n      "at": ${place(entry.span)},`;
    if (entry.by !== undefined) text += `\n      "by": ${quoted(entry.by)},`;
    text += rest;
    before = entry;
  }
  return `${text}\n  ]\n}\n`;
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
