import { builderRole, keys } from '../../backends/launch-iam/format.ts';
import { tagPrefix } from '../../images/tag-names.ts';
import { IamDifference } from '../iam/read-document.ts';
import { applies, isMet } from './evaluate.ts';
import type { ReadStatement } from './read.ts';

const actions = ['ec2:createtags', 'ec2:deletetags'];
const tagKeys = keys.tagKeys.toLowerCase();
const createAction = keys.createAction.toLowerCase();
const principalKey = keys.principal.toLowerCase();

/**
 * Compares what the guard denies with what it is for: polc's tags, in whatever case, are written on images by the builder alone, and
 * on instances by others only when they are launched; all tags at once are taken away by the builder alone.
 *
 * @returns how many requests were asked
 * @throws IamDifference for a request on which they differ
 */
export function compareGuard(statements: readonly ReadStatement[], partition: string): number {
  for (const { effect, actions: named } of statements) {
    if (effect !== 'Deny') throw new IamDifference('the guard allows something');
    const other = named.find((each) => !actions.includes(each));
    if (other !== undefined) throw new IamDifference(`the guard speaks of ${other}`);
  }
  const met = (key: string, value: string | readonly string[] | undefined) =>
    statements.map(({ conditions }) => conditions.map((each) => each.key !== key || isMet(each, value)));
  const patterns = [...new Set(statements.flatMap(({ resources: named }) => named))];
  const onWhat = distinct(resources(statements, partition), (resource) => [
    patterns.map((pattern) => isMet({ operator: 'StringLike', key: '', values: [pattern] }, resource)),
    guardedType(resource, partition),
  ]);
  const byWhom = distinct(principals(statements, partition), (principal) => [
    met(principalKey, principal),
    isBuilder(principal, partition),
  ]);
  const ofWhat = distinct(tagLists(statements), (tags) => [met(tagKeys, tags), tags === undefined, isPolcs(tags)]);
  const ways = [undefined, 'RunInstances', 'CreateImage', ...asked(statements, createAction)];
  const inWhat = distinct(ways, (creating) => [met(createAction, creating), creating === 'RunInstances']);
  let compared = 0;
  for (const action of actions) {
    for (const resource of onWhat) {
      for (const principal of byWhom) {
        for (const tags of ofWhat) {
          for (const creating of inWhat) {
            const known = new Map<string, string | readonly string[]>([[principalKey, principal]]);
            if (tags !== undefined) known.set(tagKeys, tags);
            if (creating !== undefined) known.set(createAction, creating);
            const said = statements.some((statement) => applies(statement, { action, resource, known }));
            compared += 1;
            if (said === isGuarded({ action, resource, principal, tags, creating }, partition)) continue;
            const request = `${action} of ${tags?.join() ?? 'all tags'} on ${resource} by ${principal}`;
            throw new IamDifference(
              `${request}${creating ? ` in ${creating}` : ''}: ${said ? 'denied' : 'not denied'}`,
            );
          }
        }
      }
    }
  }
  return compared;
}

/** One of all that neither the statements nor what they are for tell apart. */
function distinct<T>(all: readonly T[], way: (each: T) => unknown): readonly T[] {
  const found = new Map<string, T>();
  for (const each of all) {
    const key = JSON.stringify(way(each));
    if (!found.has(key)) found.set(key, each);
  }
  return [...found.values()];
}

interface Tagging {
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
  readonly tags: readonly string[] | undefined;
  readonly creating: string | undefined;
}

function isGuarded({ action, resource, principal, tags, creating }: Tagging, partition: string): boolean {
  const type = guardedType(resource, partition);
  if (type === undefined || isBuilder(principal, partition)) return false;
  if (tags === undefined) return action === 'ec2:deletetags';
  return isPolcs(tags) && (type === 'image' || creating !== 'RunInstances');
}

function guardedType(resource: string, partition: string): 'image' | 'instance' | undefined {
  const [, own, service, , account, name = ''] = resource.split(':');
  if (own !== partition || service !== 'ec2') return undefined;
  if (account === '' && name.startsWith('image/')) return 'image';
  return name.startsWith('instance/') ? 'instance' : undefined;
}

function isPolcs(tags: readonly string[] | undefined): boolean {
  return tags?.some((each) => each.toLowerCase().startsWith(tagPrefix)) ?? false;
}

function isBuilder(principal: string, partition: string): boolean {
  const [, own, service, region, , name] = principal.split(':');
  return own === partition && service === 'iam' && region === '' && name === `role/${builderRole}`;
}

function resources(statements: readonly ReadStatement[], partition: string): readonly string[] {
  const arns = ['us-east-1', 'eu-west-1'].flatMap((region) => [
    ...['image/ami-1', 'image/x', 'snapshot/snap-1'].map((name) => `arn:${partition}:ec2:${region}::${name}`),
    ...['instance/i-1', 'instance/*', 'volume/vol-1', 'subnet/x'].flatMap((name) =>
      ['111111111111', '222222222222'].map((account) => `arn:${partition}:ec2:${region}:${account}:${name}`),
    ),
  ]);
  const named = statements.flatMap(({ resources: patterns }) => patterns.map(filled));
  return [...new Set([...arns, ...named.filter((each) => each.startsWith('arn:'))])];
}

function principals(statements: readonly ReadStatement[], partition: string): readonly string[] {
  const iam = `arn:${partition}:iam:`;
  return [
    ...new Set([
      `${iam}:111111111111:role/${builderRole}`,
      `${iam}:222222222222:role/${builderRole}`,
      `${iam}:111111111111:role/${builderRole}s`,
      `${iam}:111111111111:role/x${builderRole}`,
      `${iam}:111111111111:role/path/${builderRole}`,
      `${iam}:111111111111:user/${builderRole}`,
      `${iam}:111111111111:root`,
      ...asked(statements, principalKey).map(filled),
    ]),
  ];
}

/** What is tagged: nothing that is polc's, polc's tags in every case, several at once. */
function tagLists(statements: readonly ReadStatement[]): readonly (readonly string[] | undefined)[] {
  const single = new Set(['Name', 'polc', 'xpolc:template', `${tagPrefix}template`, tagPrefix]);
  for (let cases = 0; cases < 16; cases += 1) {
    single.add([...tagPrefix].map((each, at) => ((cases >> at) & 1 ? each.toUpperCase() : each)).join(''));
  }
  for (const pattern of asked(statements, tagKeys)) {
    single.add(filled(pattern));
    single.add(pattern.replaceAll('*', ''));
  }
  const lists = [...single].map((each) => [each]);
  return [undefined, ...lists, ['Name', `${tagPrefix}scan`], ['Name', 'Owner']];
}

function asked(statements: readonly ReadStatement[], key: string): readonly string[] {
  return statements.flatMap(({ conditions }) =>
    conditions.filter((each) => each.key === key && each.operator !== 'Null').flatMap(({ values }) => values),
  );
}

function filled(pattern: string): string {
  return pattern.replaceAll('*', 'x').replaceAll('?', 'z');
}
