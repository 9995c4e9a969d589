import { printPredicate } from '../expressions/print.ts';
import type {
  BuildImages,
  CountCalls,
  DescribeTemplate,
  EnforceAt,
  Invite,
  StartInstance,
  Transition,
} from './obligation.ts';
import type { Obligation } from './policy.ts';

/** One line without its id: what must happen, and every value that it happens with. */
export function printObligation(obligation: Obligation): string {
  switch (obligation.kind) {
    case 'run-with':
      return `run with ${obligation.setting} ${JSON.stringify(obligation.value)}`;
    case 'private-layer':
      return `private layer at ${JSON.stringify(obligation.path)} of at most ${obligation.bytes} bytes`;
    case 'transition':
      return printTransition(obligation);
    case 'hook-program':
      return `hook ${obligation.hook} decided by ${JSON.stringify(obligation.program)}`;
    case 'count-calls':
      return printCount(obligation);
    case 'audit-calls':
      return `record calls of ${obligation.hook} when ${printPredicate(obligation.when)}`;
    case 'respond':
      return obligation.withinMinutes === undefined
        ? `respond in mode ${obligation.mode}`
        : `respond in mode ${obligation.mode} within ${obligation.withinMinutes} minutes`;
    case 'attach-deny':
      return `deny aws-request to ${JSON.stringify(obligation.principal)}`;
    case 'set-boundary':
      return `bound ${JSON.stringify(obligation.principal)} by ${JSON.stringify(obligation.boundary)}`;
    case 'publish':
      return `publish to ${JSON.stringify(obligation.topicArn)}`;
    case 'notify':
      return printNotify(obligation);
    case 'expire':
      return `expire after ${obligation.afterMinutes} minutes`;
    case 'enforce-at':
      return printEnforceAt(obligation);
    case 'describe-template':
      return printTemplate(obligation);
    case 'build-images':
      return printBuildImages(obligation);
    case 'start-instance':
      return printStart(obligation);
    case 'audit':
      return obligation.retainDays === undefined ? 'audit' : `audit, kept for ${obligation.retainDays} days`;
    case 'deprecate':
      return `tell of launches of ${obligation.templates.map((name) => JSON.stringify(name)).join(', ')} that they are deprecated`;
    case 'invite':
      return printInvite(obligation);
    default: {
      const unreachable: never = obligation;
      return unreachable;
    }
  }
}

function printTransition({ event, to, when, recorded }: Transition): string {
  const records = recorded === undefined ? '' : `, which is a record of ${recorded}`;
  const calls = when === undefined ? records : `, which is a system call when ${printPredicate(when)}`;
  return `on ${JSON.stringify(event)} move to ${to}${calls}`;
}

function printCount({ counter, by, windowMilliseconds, when }: CountCalls): string {
  const each = by.length === 0 ? '' : ` for each ${by.join(', ')}`;
  return `count ${counter} in ${windowMilliseconds} ms${each} when ${printPredicate(when)}`;
}

function printInvite({ invitation, type, expires, validDays, uses, deviceBound }: Invite): string {
  const until = expires === undefined ? '' : ` until ${expires}`;
  const during = validDays === undefined ? '' : ` for ${validDays} days`;
  const often = uses === undefined ? '' : `, ${uses} times`;
  return `invite ${type} by ${JSON.stringify(invitation)}${until}${during}${often}${deviceBound ? ', bound to a device' : ''}`;
}

function printNotify({ parameter, channel, mentions }: Obligation & { kind: 'notify' }): string {
  const where = channel === undefined ? '' : ` in ${JSON.stringify(channel)}`;
  const whom =
    mentions.length === 0 ? '' : ` with a word to ${mentions.map((name) => JSON.stringify(name)).join(', ')}`;
  return `notify by the webhook of ${JSON.stringify(parameter)}${where}${whom}`;
}

function printEnforceAt(place: EnforceAt): string {
  const { at, namespace, name, sectionName, keys, labels, annotations, modelHeader, budgets } = place;
  const section = sectionName === undefined ? '' : ` section ${sectionName}`;
  const chosen = keys.labels.map(([label, value]) => `${label}=${value}`).join(',');
  const held = Object.entries({ ...labels, ...annotations }).map(([attribute, key]) => `${attribute} in ${key}`);
  if (modelHeader !== undefined) held.push(`model in the header ${modelHeader.name} that ${modelHeader.setBy} sets`);
  const given = budgets.map(({ dollars, ...whose }) => `${dollars} dollars for ${Object.values(whose).join('/')}`);
  const where = `enforce at ${at} ${namespace}/${name}${section}, keys of ${keys.namespace} with ${chosen}`;
  return [where, ...held, ...given].join(', ');
}

function printTemplate(described: DescribeTemplate): string {
  const { template, version, classification, frameworks, dataRules, profiles, approvalRequired, costs } = described;
  const known = [
    ...(version === undefined ? [] : [`version ${JSON.stringify(version)}`]),
    ...(classification === undefined ? [] : [classification]),
    ...frameworks.map((name) => `framework ${JSON.stringify(name)}`),
    ...dataRules.map((rule) => `data rule ${rule}`),
    ...(profiles === undefined ? [] : [`for the profiles ${quoted(profiles)}`]),
    ...(approvalRequired ? ['approval required'] : []),
    ...costs.map(([of, dollars]) => `${of} costs ${dollars} dollars an hour`),
  ];
  return [`template ${JSON.stringify(template)}`, ...known].join(', ');
}

function printBuildImages(images: BuildImages): string {
  const { base, regions, architectures, builder, encrypted, key, script, tags, built } = images;
  const how = [
    `build images of ${JSON.stringify(base)} in ${regions.join(' ')} for ${architectures.join(' ')}`,
    ...(builder === undefined ? [] : [`on ${builder}`]),
    ...(encrypted ? [key === undefined ? 'encrypted' : `encrypted by ${JSON.stringify(key)}`] : []),
    ...tags.map(([name, value]) => `tag ${JSON.stringify(name)} ${JSON.stringify(value)}`),
    ...built.map(({ region, architecture, image }) => `built ${image} in ${region} for ${architecture}`),
  ];
  return `${how.join(', ')}, script ${JSON.stringify(script)}`;
}

function printStart({ instanceType, rootVolume, ports, script }: StartInstance): string {
  const on = instanceType === undefined ? '' : ` on ${instanceType}`;
  const volume = rootVolume === undefined ? '' : ` with a root volume of ${rootVolume} GiB`;
  return `start${on}${volume} with the ports ${ports.join(' ')}, script ${JSON.stringify(script)}`;
}

const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(' ');
