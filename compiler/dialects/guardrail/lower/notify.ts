import { report } from '../../../diagnostics/report.ts';
import type { Obligation } from '../../../ir/policy.ts';
import { distinct, type Lowering, originOf } from './lowering.ts';

/** `U012AB3CD`, `<@W012AB3CD>`, `S012AB3CD`, `<!subteam^S012AB3CD>`, `@here`: what Slack makes a mention of. */
const slackMention =
  /^(?:[UWS][A-Z0-9]{7,}|<@[UW][A-Z0-9]{7,}(?:\|.*)?>|<!subteam\^S[A-Z0-9]{7,}(?:\|.*)?>|[@!]?(?:here|channel|everyone)|<!(?:here|channel|everyone)>)$/;

/** `#cost-alerts`, or the id of a channel. */
const slackChannel = /^(?:#[\p{Ll}\p{Lo}\p{N}_-]{1,80}|[CG][A-Z0-9]{8,})$/u;

/** The obligation to tell people through the webhook. */
export function lowerNotify(lowering: Lowering): readonly Obligation[] {
  const { document, diagnostics } = lowering;
  if (document.notify === undefined) return [];
  const { slack_webhook_ssm_param: parameter, channel_hint: channel, mention_users: mentions } = document.notify.value;
  if (channel !== undefined && !slackChannel.test(channel.value)) {
    const better = `#${channel.value.toLowerCase()}`;
    const fixes = slackChannel.test(better)
      ? [{ title: `change to \`${better}\``, certain: false, edits: [{ span: channel.span, newText: `"${better}"` }] }]
      : [];
    diagnostics.push(report('POL5062', channel.span, { channel: channel.value }, { fixes }));
  }
  const named = mentions === undefined ? [] : distinct(mentions.value, (mention) => mention, lowering);
  for (const { value, span } of named) {
    if (!slackMention.test(value)) diagnostics.push(report('POL5061', span, { name: value }));
  }
  if (parameter === undefined) return [];
  return [
    {
      id: 'notify',
      topic: 'notify',
      origin: originOf(document.notify.key ?? document.notify.span, lowering),
      kind: 'notify',
      parameter: parameter.value,
      ...(channel === undefined ? {} : { channel: channel.value }),
      mentions: named.map(({ value }) => value),
    },
  ];
}
