import type { Plan } from '../plan.ts';
import { dollars, lastingText, mentionText, plainText } from './slack-text.ts';

/** What people are told. */
export type News =
  /** What a policy in `dry_run` would have done. */
  | { readonly kind: 'would-respond'; readonly plan: Plan }
  | { readonly kind: 'asks'; readonly plan: Plan; readonly ways: ApprovalWays; readonly expires: number }
  | { readonly kind: 'responded'; readonly plan: Plan; readonly expires: string; readonly by?: string }
  | { readonly kind: 'rejected'; readonly plan: Pick<Plan, 'policy' | 'event' | 'notify'>; readonly by: string }
  | { readonly kind: 'failed'; readonly plan: Plan; readonly reasons: readonly string[] }
  | { readonly kind: 'undecided'; readonly plan: Plan; readonly missing: readonly string[] }
  /** Why it does not act by itself, as it follows on “the event is”. */
  | { readonly kind: 'held'; readonly plan: Plan; readonly why: string }
  | { readonly kind: 'ended'; readonly policy: string; readonly complete: boolean }
  | { readonly kind: 'invalid'; readonly findings: readonly string[] };

/** How to answer: by links where there is a page for it, else by commands. */
export type ApprovalWays =
  | { readonly kind: 'links'; readonly approve: string; readonly reject: string }
  | { readonly kind: 'commands'; readonly approve: string; readonly reject: string };

/** The body of an incoming webhook: text for notifications, blocks for the channel. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

export interface SlackBlock {
  readonly type: 'section';
  /** `verbatim` keeps Slack from making links and mentions of what only looks like one. */
  readonly text: { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true };
}

/** Source: "Section block", Slack's reference of Block Kit. */
const longestSection = 3000;
const longestList = 10;

/** The message that tells of something. Nothing in it that came from an event or a policy can be more than text. */
export function slackMessage(news: News): SlackMessage {
  const { headline, lines } = contentOf(news);
  const mentions = 'plan' in news ? (news.plan.notify?.mentions ?? []) : [];
  const addressed = news.kind === 'ended' || mentions.length === 0 ? [] : [mentions.map(mentionText).join(' ')];
  return {
    text: headline,
    blocks: [`*${headline}*`, ...lines, ...addressed].flatMap((text) => sections(text)),
  };
}

/** The same for a topic of SNS, in plain lines, and its subject. */
export function topicMessage(plan: Plan): { readonly subject: string; readonly message: string } {
  const { event } = plan;
  return {
    // API reference of Publish: printable ASCII, at most 100 characters; ids of policies are that, and may be longer.
    subject: `Cost guardrail ${plan.policy.replace(/[^\x21-\x7e]/g, '?')}`.slice(0, 100),
    message: JSON.stringify({
      policy: plan.policy,
      policy_hash: plan.policyHash,
      mode: plan.mode.replace('-', '_'),
      breach: plan.breach,
      event: {
        id: event.id.slice(0, 1000),
        source: event.source,
        account: event.account,
        amount: event.amount,
        forecast: event.forecast,
        subject: event.subject.slice(0, 1000),
        period: event.period.slice(0, 1000),
      },
      denied: plan.denied,
      actions: plan.actions,
      boundaries: plan.boundaries,
      ttl_minutes: plan.ttlMinutes,
    }),
  };
}

function contentOf(news: News): { readonly headline: string; readonly lines: readonly string[] } {
  switch (news.kind) {
    case 'would-respond':
      return told(`${name(news.plan)} would respond (dry_run)`, news.plan, planLines(news.plan));
    case 'asks':
      return told(`${name(news.plan)} asks for approval`, news.plan, [
        ...planLines(news.plan),
        ...waysLines(news.ways, news.expires),
      ]);
    case 'responded': {
      const by = news.by === undefined ? '' : ` Approved by ${plainText(news.by)}.`;
      const until = news.expires === 'never' ? 'until a person ends it' : `until ${plainText(news.expires)}`;
      return told(`${name(news.plan)} has responded`, news.plan, [
        ...responseLines(news.plan),
        `In force ${until}.${by} To end it${news.expires === 'never' ? '' : ' before'}: \`polc guardrail rollback --policy ${plainText(news.plan.policy)}\``,
      ]);
    }
    case 'rejected':
      return told(`${name(news.plan)} was rejected`, news.plan, [
        `Rejected by ${plainText(news.by)}. Nothing was done.`,
      ]);
    case 'failed':
      return told(`${name(news.plan)} could not respond`, news.plan, list(news.reasons));
    case 'undecided': {
      const missing = news.missing.map((each) => plainText(each)).join(', ');
      return told(`${name(news.plan)} cannot decide`, news.plan, [
        `Nothing was done: the event does not say ${missing}. A budget map (\`--budget-map\`) can.`,
      ]);
    }
    case 'held':
      return told(`${name(news.plan)} would have responded, and did not`, news.plan, [
        ...planLines(news.plan),
        `Nothing was done: the event is ${plainText(news.why)}. See whether the spending goes on.`,
      ]);
    case 'ended': {
      const rest = news.complete ? [] : ['Something of it is left; see the log and run the rollback again.'];
      return { headline: `The response of ${plainText(news.policy)} has ended`, lines: rest };
    }
    case 'invalid':
      return {
        headline: 'Cost guardrails are wrong: nothing responds until they are corrected',
        lines: list(news.findings),
      };
    default: {
      const unreachable: never = news;
      return unreachable;
    }
  }
}

function name({ policy }: Pick<Plan, 'policy'>): string {
  return `Guardrail ${plainText(policy)}`;
}

function told(headline: string, plan: Pick<Plan, 'event'>, lines: readonly string[]) {
  const { source, subject, period, amount, forecast, account, causes } = plan.event;
  const what = source === 'budgets' ? 'Budget' : 'Anomaly';
  const spent = `${dollars(amount)}${forecast ? ' (forecast)' : ''}`;
  const about = `${what} ${plainText(subject)} (${plainText(period)}) of account ${plainText(account)}: ${spent}`;
  const put = causes
    .map(({ service, region }) => [service, region].filter((each) => each !== undefined).join(' in '))
    .filter((each) => each !== '');
  return { headline, lines: [about, ...(put.length === 0 ? [] : list(put)), ...lines] };
}

/** What would be done, and how long it would last. */
function planLines(plan: Plan): readonly string[] {
  const isLasting = plan.denied.length + plan.boundaries.length > 0;
  return [...responseLines(plan), ...(isLasting ? [lastingText(plan.ttlMinutes)] : [])];
}

function responseLines({ denied, actions, boundaries, topics }: Plan): readonly string[] {
  const lines: string[] = [];
  if (denied.length > 0) {
    lines.push('Denies', ...list(actions), 'to', ...list(denied));
  }
  if (boundaries.length > 0) {
    lines.push(
      'Sets permissions boundaries',
      ...list(boundaries.map((each) => `${each.boundary} on ${each.principal}`)),
    );
  }
  if (topics.length > 0) lines.push('Tells', ...list(topics));
  return lines.length === 0 ? ['Tells only.'] : lines;
}

function waysLines(ways: ApprovalWays, expires: number): readonly string[] {
  const until = `Good until ${new Date(expires).toISOString()}, and once.`;
  // Both are made here, of a URL that is checked and a token of letters, digits, `.`, `-` and `_`.
  return ways.kind === 'links'
    ? [`<${ways.approve}|Approve…>   <${ways.reject}|Reject…>`, `Each opens a page that asks once more. ${until}`]
    : ['To approve:', `\`\`\`${ways.approve}\`\`\``, 'To reject:', `\`\`\`${ways.reject}\`\`\``, until];
}

function list(items: readonly string[]): readonly string[] {
  const shown = items.slice(0, longestList).map((item) => `• ${plainText(item)}`);
  const more = items.length - shown.length;
  return [[...shown, ...(more > 0 ? [`• and ${more} more`] : [])].join('\n')];
}

function sections(text: string): readonly SlackBlock[] {
  // What is escaped is longer than what was cut to length; a message that Slack refuses would tell nobody anything.
  const fitting =
    text.length <= longestSection ? text : `${text.slice(0, longestSection - 2).replace(/&[a-z]*$/, '')}…`;
  return [{ type: 'section', text: { type: 'mrkdwn', text: fitting, verbatim: true } }];
}
