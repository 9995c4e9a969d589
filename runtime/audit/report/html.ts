import { barChart } from './chart.ts';
import { escapeHtml } from './escape.ts';
import type { AuditSummary, Subject, Tally } from './summary.ts';

const titles: Readonly<Record<Subject, string>> = {
  policy: 'Refusals by policy',
  rule: 'Refusals by rule',
  person: 'Launches by person',
  template: 'Launches by template',
  profile: 'Launches by profile',
  day: 'Launches by day (UTC)',
};

/** Bars beyond these are left to the table. */
const mostBars = 25;

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
svg{max-width:100%;height:auto;font:13px system-ui,sans-serif}svg text{fill:currentColor}
.refused{fill:#c0392b}.allowed{fill:#5b8c5a}
table{border-collapse:collapse}td,th{padding:.15rem .8rem .15rem 0;text-align:left}td.n,th.n{text-align:right}
code{font-size:.85em;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181b}}`;

/** A page with charts and tables that needs no other file, no script and no network. */
export function summaryHtml(
  summary: AuditSummary,
  wanted: readonly Subject[],
  { file, head }: { readonly file: string; readonly head: string },
): string {
  const { launches, refused, first, last, others, recovered } = summary;
  const when =
    first === undefined || last === undefined ? '' : `<p>From ${escapeHtml(first)} to ${escapeHtml(last)}.</p>\n`;
  const more = [
    ...(others === 0 ? [] : [`${others} records are about something else`]),
    ...(recovered === 0 ? [] : [`the log went on ${recovered} times after a record that was cut off`]),
  ];
  const sections = wanted.map((subject) => section(titles[subject], summary.by[subject]));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Launches: ${refused} of ${launches} refused</title>
<style>
${style}
</style>
</head>
<body>
<h1>${refused} of ${launches} launches refused</h1>
${when}${more.length === 0 ? '' : `<p>Besides, ${more.join(', and ')}.</p>\n`}${sections.join('\n')}
<p>The log ${escapeHtml(file)} was whole; its head is <code>${escapeHtml(head)}</code>.</p>
</body>
</html>
`;
}

function section(title: string, tallies: readonly Tally[]): string {
  if (tallies.length === 0) return `<h2>${title}</h2>\n<p>None.</p>`;
  const rows = tallies.map(
    ({ name, launches, refused }) =>
      `<tr><td>${escapeHtml(name)}</td><td class="n">${refused}</td><td class="n">${launches}</td></tr>`,
  );
  return `<h2>${title}</h2>
${barChart(tallies.slice(0, mostBars), title)}
<details><summary>Table</summary>
<table><thead><tr><th>name</th><th class="n">refused</th><th class="n">launches</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></details>`;
}
