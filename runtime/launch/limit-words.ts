import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import { type LaunchRole, partOf } from '../../compiler/ir/launch.ts';
import { type LimitBody, limitHolds } from '../../compiler/ir/launch-limits.ts';
import type { Rule } from '../../compiler/ir/policy.ts';
import { dollars, printLimit } from '../../compiler/ir/print-limit.ts';
import {
  type LaunchSubject,
  type LimitOwner,
  type LimitWords,
  otherWords,
  sayings,
  sentence,
  value,
} from './sayings.ts';

/**
 * Attributes of which a sentence is the same where a launch does not say them, since it then has none: no signature, no tag; and
 * those whose sentence says itself that they are not known.
 */
const sayUnknown =
  /^(template|launched|signature|authority|approved|invitation|scan|clearance|classification|.*_spend|tag:.*|framework:.*|data:.*)$/;

/**
 * Says a limit in the words of the seeds' transcripts: of an image where the instance is made of one, and else of the template.
 *
 * @param rule whose limit it is
 * @param isUnknown whether what it asks of is not known
 */
export function limitWords(limit: LimitBody, rule: Rule, subject: LaunchSubject, isUnknown: boolean): LimitWords {
  const about = aboutOf(limit);
  const said = { limit, owner: ownerOf(rule, subject), subject, about, topic: rule.topic };
  const words = sayings[about.replace(/^(tag|framework|data):.*/, '$1')]?.(said) ?? otherWords(said);
  if (!isUnknown || sayUnknown.test(about)) return words;
  const { of } = said.owner;
  if (about === 'hourly_cost') return { holds: words.holds, ...unknownPrice(limit, of, subject) };
  const what = about === 'encrypted' ? 'Storage encryption' : sentence(printLimit(limit).split(':')[0] ?? about);
  return { holds: words.holds, fails: `${what} unknown`, violation: `${what} unknown, which ${of} policy limits` };
}

/** The attribute that a limit is about: of a condition over several the one that people would name. */
function aboutOf(limit: LimitBody): string {
  if ('attributes' in limit) return limit.attributes[0] ?? '';
  if ('attribute' in limit) return limit.attribute;
  if (limit.kind === 'tagged') return `tag:${limit.tag}`;
  const names = [...mentionedValues([limitHolds(limit)]).keys()];
  const [only = ''] = names;
  return (
    ['approved', 'authority', 'clearance'].find((name) => names.includes(name)) ?? (names.length === 1 ? only : '')
  );
}

function ownerOf({ id }: Rule, { launched, image }: LaunchSubject): LimitOwner {
  const part = partOf(id);
  const role: LaunchRole = part?.role ?? 'template';
  switch (role) {
    case 'institution':
      return { of: 'institutional', name: `Institution '${part?.name}'` };
    case 'profile':
    case 'invitation':
      return { of: 'profile', name: `${sentence(role)} '${part?.name}'` };
    case 'template':
    case 'image':
      return image === undefined && role === 'template'
        ? { of: 'template', name: `Template '${part?.name ?? launched}'` }
        : { of: 'AMI', name: `AMI '${launched}'` };
    default: {
      const unreachable: never = role;
      return unreachable;
    }
  }
}

function unknownPrice(limit: LimitBody, of: string, subject: LaunchSubject): Omit<LimitWords, 'holds'> {
  const bound = limit.kind === 'at-most' ? ` ${dollars(limit.bound)}` : '';
  if (subject.attribute('instance_type') === undefined) {
    const violation = `Estimated cost unknown under ${of} limit${bound}: name an instance type with --instance-type`;
    return { fails: 'Estimated cost unknown', violation };
  }
  const instance = `'${value(subject, 'instance_type')}' in ${value(subject, 'region')}`;
  return {
    fails: 'Estimated cost unknown',
    violation: `Estimated cost of ${instance} unknown under ${of} limit${bound}: write its price into the price file`,
  };
}
