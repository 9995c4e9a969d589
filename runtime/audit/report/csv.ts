import type { AuditSummary, Subject } from './summary.ts';

/** The counts as CSV (RFC 4180), one line for each of each subject. */
export function summaryCsv({ by }: AuditSummary, wanted: readonly Subject[]): string {
  const rows: (readonly string[])[] = [['by', 'name', 'launches', 'refused']];
  for (const subject of wanted) {
    for (const { name, launches, refused } of by[subject]) {
      rows.push([subject, name, String(launches), String(refused)]);
    }
  }
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/**
 * Names are what people chose. Spreadsheets take a cell that begins so for a formula, quoted or not, and an apostrophe
 * keeps it text ("CSV Injection", OWASP).
 */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
