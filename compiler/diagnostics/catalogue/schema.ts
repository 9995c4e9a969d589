import { entries } from '../entry.ts';

const good = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n';

export const schema = entries({
  POL2001: {
    severity: 'error',
    message: 'unknown key `{key}`',
    help: 'the keys here are {known}',
    explanation:
      'Every key of a policy means something. A key that no reader knows would be ignored in silence, and the rule that you thought you wrote would not exist, so it is an error, with the nearest key that does exist.',
    bad: 'profile: web\nmode: sandbox\nsecurty:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good,
  },
  POL2002: {
    severity: 'error',
    message: 'the required key `{key}` is missing',
    help: 'add a line such as `{example}`',
    explanation: 'The policy has no meaning without this key, and polc does not choose one for you.',
    bad: 'profile: web\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good,
  },
  POL2004: {
    severity: 'error',
    message: 'expected {expected}, found {found}',
    help: 'write {expected} here',
    explanation:
      'The value has another YAML type than the key takes. YAML decides the type from the spelling: `1.0` is a number, `true` is a boolean, `"1.0"` is text.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: ptrace\n',
    good,
  },
  POL2005: {
    severity: 'error',
    message: 'expected {expected}, found nothing',
    help: 'give the key a value, or remove the key',
    explanation: 'A key with nothing after it is `null` in YAML. Often the lines below it lost their indentation.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n',
    good,
  },
  POL2006: {
    severity: 'error',
    message: '`{value}` is not {noun}',
    help: 'write {expected}',
    explanation: 'The text does not have the form that this key takes.',
    bad: 'profile: "my web server!"\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good,
  },
  POL2007: {
    severity: 'error',
    message: '`{value}` is not {noun}: {why}',
    help: 'write it like `{example}`',
    explanation: 'Quantities carry their unit, so that nobody has to guess whether 512 means bytes or megabytes.',
    bad: 'profile: web\nmode: sandbox\nresources:\n  timeout: 300\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  timeout: 300s\n',
  },
  POL2010: {
    severity: 'error',
    message: 'no dialect has these top-level keys together',
    help: 'a sandbox policy has `profile:` and `mode:`, a guardrail `policy_id:`, a template `name:` and `base:`, governance `institution:`, `profile:` or `invitation:`, a tenancy `tiers:` or `teams:`; a comment `# polc: sandbox` in the first lines names the dialect',
    explanation:
      'polc recognises a dialect by its top-level keys, by a `# polc: DIALECT` comment in the first lines, or by a glob in `polc.config.yaml`. A file that fits none is not guessed at.',
    bad: 'name: web\n',
    good,
  },
  POL2011: {
    severity: 'error',
    message: 'there is no dialect `{name}`',
    help: 'the dialects are {known}',
    explanation: 'The comment `# polc: DIALECT` names a dialect that this version of polc does not have.',
    bad: '# polc: sandbx\nprofile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good: '# polc: sandbox\nprofile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL2040: {
    severity: 'error',
    message: 'this is not JSON: {why}',
    help: 'give the event as AWS delivered it, or the text of a Budgets notification',
    explanation:
      'An event file holds JSON (RFC 8259): one value, or one on each line. A key that stands in an object twice is refused as well, since readers differ in which of the two counts. Also the message inside an SNS notification may be JSON; the place is then a place in that message.',
  },
  POL2041: {
    severity: 'error',
    message: 'this is no cost event: {why}',
    help: 'an event is a notification of AWS Budgets or of Cost Anomaly Detection, from SNS, SQS, EventBridge or Lambda, or an object with `event_id`, `source`, `account_id`, `amount` and `time_window`',
    explanation:
      'polc reads what AWS delivers: the prose of AWS Budgets and the JSON of Cost Anomaly Detection, bare or in the envelopes of SNS, SQS, EventBridge and Lambda, and the normalised form. What it does not know it does not guess at, because a response would follow from the guess.',
  },
  POL2042: {
    severity: 'error',
    message: 'AWS Budgets sends no JSON like this',
    help: 'take a real notification: its message is prose that begins with `AWS Budget Notification`',
    explanation:
      'Objects with `budgetName`, `notificationType` and `calculatedSpend` are found in tutorials and test suites. They resemble the API of AWS Budgets, but no notification looks like them: a notification over SNS is a text for people. A guardrail that is tested with the invented form never meets a real event.',
  },
  POL2043: {
    severity: 'error',
    message: 'the event has no {noun}',
    help: 'it should stand at `{name}`; give the event whole, as AWS delivered it',
    explanation:
      'Without this part it cannot be said what was spent, by whom, or which breach of which budget it is, so the event is refused and nothing is done.',
  },
  POL2044: {
    severity: 'error',
    message: 'expected {expected} as {noun}, found {found}',
    help: 'give the event as AWS delivered it',
    explanation:
      'A part of the event is not of the form that AWS writes it in. Account ids are 12 digits in quotes, since JSON would drop the zeros in front of a number.',
  },
  POL2045: {
    severity: 'error',
    message: '`{amount}` is not an amount of US dollars',
    help: 'guardrails compare US dollars; let the budget be in US dollars, or convert the amount before',
    explanation:
      'The bounds of a policy are US dollars (`min_amount_usd`). polc has no exchange rates, and 200 of another currency may be a tenth or ten times as much, so an event in another currency is refused.',
  },
  POL2046: {
    severity: 'error',
    message: '`{amount}` can be read as more than one amount',
    help: 'write it like `$1,234.56`: commas between groups of three digits, a dot before the cents',
    explanation:
      'AWS writes US dollars as `$1,234.56`. In other countries `1.234,56` is the same amount, and `1,234` could be either a thousand or a little more than one. An amount that does not have the form that AWS uses is refused, not guessed at.',
  },
  POL2047: {
    severity: 'error',
    message: 'the amount `{amount}` is negative',
    help: 'credits and refunds are no spending that calls for a response; leave the event out',
    explanation: 'No budget and no anomaly reports a negative amount of spending.',
  },
  POL2048: {
    severity: 'error',
    message: 'the budget counts {what} and not cost: `{amount}`',
    help: 'let a budget of type `Cost` send the notification',
    explanation:
      'AWS has budgets of usage (hours, gigabytes), and of the utilisation and coverage of reservations and Savings Plans (percent). Their amounts are no US dollars, so no guardrail can compare them with its bounds.',
  },
  POL2049: {
    severity: 'error',
    message: 'the event is too large: {size} bytes',
    help: 'at most {limit} bytes are read; give one notification, or fewer of them',
    explanation: 'SNS and SQS carry at most 1 MiB, and a cost event is some two thousand bytes. More is no event.',
  },
  POL2050: {
    severity: 'error',
    message: 'there is no event here',
    help: 'give a notification as AWS delivered it, a list of them, or one on each line',
    explanation: 'The file is empty, or holds an empty list.',
  },
  POL2051: {
    severity: 'error',
    message: 'this is no notification: SNS calls it `{type}`',
    help: 'confirm the subscription by its `SubscribeURL`; notifications follow',
    explanation:
      'SNS sends `SubscriptionConfirmation` and `UnsubscribeConfirmation` to the same place as notifications. They say nothing about cost. polc opens no address that it finds in a message.',
  },
  POL2052: {
    severity: 'error',
    message: 'the event is of {date}, which is still to come',
    help: 'set the clock of this machine right, or find out who wrote the event; days and periods are those of UTC',
    explanation:
      'AWS dates a notification when it sends it, and no period is told of before it begins. An event that is more than a quarter of an hour early was made up, or the clock of this machine is slow. No policy responds to it.',
  },
});
