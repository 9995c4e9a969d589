/** Characters that tell Slack of links, mentions and entities. Source: "Escaping text", Slack's reference of mrkdwn. */
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Text from an event or a policy as text and nothing else: no link, no mention, no line of its own. Other marks of mrkdwn
 * could only change how it looks; a zero-width space after each keeps them from that too.
 */
export function plainText(text: string, longest = 300): string {
  const characters = [...text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')];
  const cut = characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join('');
  return cut.replace(/[&<>]/g, (character) => escapes[character]!).replace(/[*_~`]/g, (mark) => `${mark}\u200b`);
}

/** Somebody whom Slack tells, where it is one of the forms that the dialect takes for that; else the name as text. */
export function mentionText(mention: string): string {
  const user = /^(?:<@)?([UW][A-Z0-9]{7,})(?:\|[^<>]*)?>?$/.exec(mention)?.[1];
  if (user !== undefined) return `<@${user}>`;
  const group = /^(?:<!subteam\^)?(S[A-Z0-9]{7,})(?:\|[^<>]*)?>?$/.exec(mention)?.[1];
  if (group !== undefined) return `<!subteam^${group}>`;
  const all = /^(?:<!|[@!])?(here|channel|everyone)>?$/.exec(mention)?.[1];
  return all === undefined ? plainText(mention, 80) : `<!${all}>`;
}

/** How long a response lasts that begins now; 0 minutes is without an end. */
export function lastingText(minutes: number): string {
  if (minutes === 0) return 'Until a person ends it.';
  return `For ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
}

/** US dollars with two digits, as Slack's readers expect them. */
export function dollars(amount: number): string {
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
