import type { Choice, OpenApproval } from './approval/decide.ts';
import { dollars, lastingText } from './notify/slack-text.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as text in HTML, between tags and in attributes with quotes. What turns the writing direction round is left out. */
function htmlText(text: string): string {
  return text
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/[&<>"']/g, (character) => escapes[character]!);
}

/** Shows what would be decided, with one button that decides it. */
export function confirmationPage(choice: Choice, token: string, { approval, event, plan }: OpenApproval): string {
  const word = choice === 'approve' ? 'Approve' : 'Reject';
  const what = event.source === 'budgets' ? 'Budget' : 'Anomaly';
  const forecast = event.forecast ? ' (forecast)' : '';
  const about = `${what} ${event.subject} (${event.period}) of account ${event.account}: ${dollars(event.amount)}${forecast}`;
  const parts = [`<p>${htmlText(about)}</p>`];
  if (plan !== undefined) {
    const { actions, denied, boundaries, topics, ttlMinutes } = plan;
    if (denied.length > 0) parts.push('<p>Denies</p>', list(actions), '<p>to</p>', list(denied));
    if (boundaries.length > 0) {
      parts.push('<p>Sets permissions boundaries</p>');
      parts.push(list(boundaries.map(({ principal, boundary }) => `${boundary} on ${principal}`)));
    }
    if (topics.length > 0) parts.push('<p>Tells</p>', list(topics));
    parts.push(`<p>${lastingText(ttlMinutes)}</p>`);
  }
  parts.push(
    // Relative: the page may lie below a path of its own.
    `<form method="post" action="${choice}">`,
    `<input type="hidden" name="token" value="${htmlText(token)}">`,
    `<button type="submit">${word}</button>`,
    '</form>',
  );
  return html(`${word} the response of ${approval.policy}?`, parts);
}

export function messagePage(message: string, notes: readonly string[]): string {
  return html(
    message,
    notes.map((note) => `<p>${htmlText(note)}</p>`),
  );
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${htmlText(item)}</li>`).join('')}</ul>`;
}

function html(title: string, parts: readonly string[]): string {
  const head = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Cost guardrails</title></head>`;
  return `${head}\n<body><h1>${htmlText(title)}</h1>\n${parts.join('\n')}\n</body></html>\n`;
}
