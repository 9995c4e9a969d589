import type { Value } from '../../compiler/expressions/predicate.ts';
import { classifications } from '../../compiler/ir/launch-facts.ts';
import type { LimitBody } from '../../compiler/ir/launch-limits.ts';
import { dollars, printLimit } from '../../compiler/ir/print-limit.ts';

/** What the sentences about one launch speak of. */
export interface LaunchSubject {
  /** What the launch names. */
  readonly launched: string;
  readonly template?: string;
  /** The id of the image that the instance is made of; absent where it is made of its base image. */
  readonly image?: string;
  readonly costFrom?: 'price-file' | 'template';
  /** Of a template and its image, what is not signed, or not as it is. */
  readonly unsigned?: 'template' | 'image';
  /** What the launch says, by the names that rules have for it. */
  attribute(name: string): Value | undefined;
  /** The arithmetic of a budget in a sentence; undefined where it is not known. */
  spending?(attribute: string, limit: number): string | undefined;
}

/** One limit in words. */
export interface LimitWords {
  /** What is printed of the check where the limit holds, and where it does not. */
  readonly holds: string;
  readonly fails: string;
  /** Beside the tick where it holds. */
  readonly note?: string;
  /** Why the launch is refused. */
  readonly violation: string;
  /** What is printed of a refusal instead of the violation. */
  readonly lines?: readonly string[];
}

/** Of whom a limit is, as sentences say it. */
export interface LimitOwner {
  /** Before `policy` and `limit`. */
  readonly of: string;
  /** At the start of a sentence. */
  readonly name: string;
}

/** Beyond so many a list is cut. */
const mostListed = 8;

/** A limit, whose it is, and what it is about: an attribute. */
export interface SaidLimit {
  readonly limit: LimitBody;
  readonly owner: LimitOwner;
  readonly subject: LaunchSubject;
  readonly about: string;
  /** The field of the policy that says it. */
  readonly topic: string;
}

type Saying = (said: SaidLimit) => LimitWords | undefined;

export const sayings: Readonly<Record<string, Saying>> = {
  template: names,
  launched: names,
  profile: ({ owner, subject }) => ({
    holds: 'Profile allowed',
    fails: 'Profile not allowed',
    violation: `Profile '${value(subject, 'profile')}' not allowed by ${owner.of} policy`,
  }),
  source: ({ owner, subject }) => {
    const source = value(subject, 'source');
    const refused = `${sentence(source)} template not approved`;
    return {
      holds: subject.image === undefined ? `Approved ${source} template` : 'Template source approved',
      fails: refused,
      ...(subject.image === undefined ? {} : { note: `${source} template` }),
      violation: `${refused} by ${owner.of} policy`,
      lines: ['Access denied: Contact IT for template approval'],
    };
  },
  approved: ({ owner, subject }) => ({
    holds: `${thing(subject)} approval ${subject.attribute('approved') === true ? 'in order' : 'not required'}`,
    fails: `${thing(subject)} approval missing`,
    violation: `${named(subject)} not approved, which ${owner.of} policy requires`,
    lines: [`Error: ${named(subject)} not approved, which ${owner.of} policy requires`, contact(subject)],
  }),
  owner: ({ owner, subject }) => ({
    holds: 'AMI owner approved',
    fails: 'AMI owner not approved',
    violation: `AMI owner '${value(subject, 'owner')}' not allowed by ${owner.of} policy`,
    lines: [`Error: AMI not approved by ${owner.of} policy`, contact(subject)],
  }),
  lifecycle: lifecycle,
  signature: ({ owner, subject }) => {
    const isSigned = subject.attribute('signature') === 'valid';
    const authority = subject.attribute('authority');
    const { image: _, ...ofTemplate } = subject;
    const unsigned = subject.unsigned === 'template' ? ofTemplate : subject;
    const missing = `${thing(unsigned)} signature missing or invalid`;
    return {
      holds: `${thing(subject)} signature ${isSigned ? 'verified' : 'not required'}`,
      fails: missing,
      ...(isSigned && typeof authority === 'string' ? { note: authority } : {}),
      violation: missing,
      lines: [`Error: ${thing(unsigned)} not approved by ${owner.of} policy`, contact(unsigned)],
    };
  },
  authority: ({ owner, subject }) => ({
    holds: 'Signing authority trusted',
    fails: 'Signing authority not trusted',
    violation: `Signing authority '${value(subject, 'authority')}' not trusted by ${owner.of} policy`,
    lines: [`Error: ${thing(subject)} not approved by ${owner.of} policy`, contact(subject)],
  }),
  invitation: ({ subject }) => {
    const state = subject.attribute('invitation');
    const why = typeof state === 'string' ? (invitations[state] ?? state) : 'not accepted';
    return { holds: 'Invitation valid', fails: `Invitation ${why}`, violation: `Invitation ${why}` };
  },
  instance_type: ({ limit, owner, subject }) => {
    const violation = `Instance type '${value(subject, 'instance_type')}' not allowed by ${owner.of} policy`;
    return {
      holds: 'Instance type allowed',
      fails: `Instance type not in ${owner.of} resource limits`,
      violation,
      ...(limit.kind === 'one-of'
        ? { lines: [`Error: ${owner.name} restricts instance types to: [${listed(limit.values)}]`] }
        : {}),
    };
  },
  region: ({ owner, subject }) => ({
    holds: 'Region allowed',
    fails: 'Region not allowed',
    violation: `Region '${value(subject, 'region')}' not allowed by ${owner.of} policy`,
  }),
  hourly_cost: cost,
  hourly_spend: spend,
  daily_spend: spend,
  monthly_spend: spend,
  tag: ({ about }) => {
    const tag = about.slice('tag:'.length);
    const missing = `Required tag '${tag}' missing`;
    return {
      holds: `Required tag '${tag}' present`,
      fails: missing,
      violation: missing,
      lines: [`Error: ${missing}: add --tag ${/^[\w.-]+$/.test(tag) ? tag : `'${tag}'`}=VALUE`],
    };
  },
  classification: (said) => {
    const { limit, owner, subject } = said;
    if (limit.kind !== 'at-most' || owner.of === 'profile') return clearance(said);
    const bound = classifications[Number(limit.bound)] ?? String(limit.bound);
    return {
      holds: 'Data classification allowed',
      fails: 'Data classification not allowed',
      note: `${classified(subject)} data`,
      violation:
        subject.attribute('classification') === undefined
          ? unclassified(said)
          : `Classification '${classified(subject)}' above '${bound}', the most that ${owner.of} policy allows`,
    };
  },
  clearance,
  framework: ({ about, subject }) => {
    const framework = about.slice('framework:'.length);
    return {
      holds: 'Compliance frameworks match',
      note: `${framework} approved`,
      fails: `Compliance framework ${framework} not met`,
      violation: `${named(subject)} is not made for ${framework}`,
    };
  },
  data: ({ about, subject }) => {
    const rule = about.slice('data:'.length);
    return {
      holds: 'Data handling rules kept',
      note: rule,
      fails: `Data handling rule ${rule} not kept`,
      violation: `${named(subject)} does not promise ${rule}`,
    };
  },
  encrypted: ({ owner }) => ({
    holds: 'Storage encrypted',
    fails: 'Storage not encrypted',
    violation: `Unencrypted storage not allowed by ${owner.of} policy`,
  }),
  image_age: ({ limit, owner, subject }) => {
    const days = (count: number) => (count === 1 ? '1 day' : `${count} days`);
    const bound = limit.kind === 'at-most' ? days(Number(limit.bound)) : printLimit(limit);
    const age = `AMI age ${days(Math.floor(Number(subject.attribute('image_age'))))}`;
    return {
      holds: `${age} within limit ${bound}`,
      fails: `${age} over limit ${bound}`,
      violation: `${age} exceeds ${owner.of} limit ${bound}: build it again`,
    };
  },
  base_outdated: ({ owner }) => ({
    holds: 'Base image up to date',
    fails: 'Newer base image exists',
    violation: `A newer base image exists, which ${owner.of} policy asks for: build the image again`,
  }),
  scan: ({ owner, subject }) => {
    const verdict = subject.attribute('scan') === 'failed' ? 'failed' : 'missing';
    return {
      holds: 'Vulnerability scan passed',
      fails: `Vulnerability scan ${verdict}`,
      violation: `Vulnerability scan ${verdict}, which ${owner.of} policy asks for`,
    };
  },
};

const invitations: Readonly<Record<string, string>> = {
  expired: 'expired',
  'used-up': 'used up',
  'other-device': 'accepted on another device',
};

/** Lists of templates and images. */
function names(said: SaidLimit): LimitWords {
  const { limit, owner, subject } = said;
  if (said.topic.endsWith('template_lifecycle.retired')) return lifecycle(said);
  const { image, template = subject.launched } = subject;
  const list = limit.kind === 'none-of' ? 'blacklist' : 'whitelist';
  const what = image === undefined ? 'Template' : `Source template '${template}'`;
  const [isIn, isOut] = image === undefined ? [`in ${list}`, `not in ${list}`] : [`is in ${list}`, `is not in ${list}`];
  const [holds, fails] = limit.kind === 'none-of' ? [isOut, isIn] : [isIn, isOut];
  const fromSource =
    owner.of === 'profile'
      ? `Template '${template}' not allowed for this profile`
      : `Template '${template}' not allowed by ${owner.of} policy`;
  return {
    holds: `${what} ${holds}`,
    fails: `${what} ${fails}`,
    violation: image === undefined ? fromSource : `AMI source template '${template}' not allowed by ${owner.of} policy`,
  };
}

function lifecycle({ limit, subject }: SaidLimit): LimitWords {
  const refused = limit.kind === 'none-of' && limit.values.includes('deprecated') ? 'deprecated' : 'retired';
  const state = `Template ${refused}`;
  return {
    holds: `Template not ${refused}`,
    fails: state,
    violation: `Template '${subject.template ?? subject.launched}' is ${refused}`,
  };
}

function cost({ limit, owner, subject }: SaidLimit): LimitWords | undefined {
  if (limit.kind !== 'at-most') return undefined;
  const known = Number(subject.attribute('hourly_cost'));
  const sum = `${subject.costFrom === 'template' ? 'AMI embedded' : 'Estimated'} cost ${dollars(known)}`;
  const sign = known < limit.bound ? '<' : known > limit.bound ? '>' : '=';
  const compared = `${sum} ${sign} limit ${dollars(limit.bound)}`;
  const isImage = subject.image !== undefined;
  return {
    holds: isImage ? compared : 'Instance type within budget',
    fails: isImage ? compared : 'Instance type not within budget',
    violation: `Estimated cost ${dollars(known)} exceeds ${owner.of} limit ${dollars(limit.bound)}`,
  };
}

function spend({ limit, owner, subject }: SaidLimit): LimitWords | undefined {
  if (limit.kind !== 'at-most') return undefined;
  const what = `${sentence(limit.attribute.replace('_spend', ''))} spend`;
  const known = subject.attribute(limit.attribute);
  const arithmetic = subject.spending?.(limit.attribute, Number(limit.bound));
  const because = arithmetic === undefined ? '' : `: ${arithmetic}`;
  const sum = known === undefined ? what : `${what} ${rounded(Number(known), Number(limit.bound))}`;
  return {
    holds: `${sum} within limit ${dollars(limit.bound)}`,
    fails: known === undefined ? `${what} unknown` : `${sum} > limit ${dollars(limit.bound)}`,
    violation:
      known === undefined
        ? `${what} unknown under ${owner.of} limit ${dollars(limit.bound)}${because}`
        : `${what} exceeds ${owner.of} limit ${dollars(limit.bound)}${because}`,
  };
}

/** In hundredths of a cent, or in as many digits as it takes to be on the side of the limit where it is. */
function rounded(amount: number, limit: number): string {
  const isTelling = (text: string) => Number(text) > limit === amount > limit && Number(text) > 0 === amount > 0;
  const text = [4, 5, 6, 7, 8].map((digits) => amount.toFixed(digits)).find(isTelling) ?? amount.toFixed(9);
  return dollars(Number(text));
}

/** What a person may see, and what the launch is about. */
function clearance(said: SaidLimit): LimitWords {
  const { limit, subject } = said;
  const bound = limit.kind === 'at-most' ? limit.bound : subject.attribute('clearance');
  const held = classifications[Number(bound)] ?? 'none';
  const who = subject.image === undefined ? 'User clearance' : 'User security clearance';
  const needed = classified(subject);
  return {
    holds: `${who} sufficient`,
    ...(subject.image === undefined ? {} : { note: `${needed} data` }),
    fails: `${who} not sufficient`,
    violation:
      subject.attribute('classification') === undefined
        ? unclassified(said)
        : `${named(subject)} is for ${needed} data, and the clearance is ${held}`,
  };
}

/** What no sentence was written for, such as the rules that an image of a later version carries. */
export function otherWords({ limit, owner }: Pick<SaidLimit, 'limit' | 'owner'>): LimitWords {
  const limited = printLimit(limit);
  return {
    holds: sentence(limited),
    fails: sentence(limited),
    violation: `${sentence(owner.of)} policy requires ${limited}`,
  };
}

function unclassified({ owner, subject }: SaidLimit): string {
  return `${named(subject)} has no classification, which ${owner.of} policy asks for`;
}

function classified(subject: LaunchSubject): string {
  return classifications[Number(subject.attribute('classification'))] ?? 'unclassified';
}

/** The text of an attribute. */
export function value(subject: LaunchSubject, name: string): string {
  return String(subject.attribute(name) ?? 'unknown');
}

function thing({ image }: LaunchSubject): string {
  return image === undefined ? 'Template' : 'AMI';
}

function named({ image, template, launched }: LaunchSubject): string {
  return image === undefined ? `Template '${template ?? launched}'` : `AMI '${launched}'`;
}

function contact({ image }: LaunchSubject): string {
  return image === undefined ? 'Contact IT for template approval' : 'Contact IT for AMI approval process';
}

function listed(values: readonly string[]): string {
  const shown = values.slice(0, mostListed).join(', ');
  return values.length > mostListed ? `${shown}, and ${values.length - mostListed} more` : shown;
}

/** With a capital letter. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
