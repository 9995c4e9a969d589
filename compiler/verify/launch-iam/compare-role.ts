import {
  freeResources,
  keys,
  lookedAt,
  requestTag,
  resourceArn,
  taggedResources,
} from '../../backends/launch-iam/format.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import { mentionedValues } from '../../expressions/mentioned-values.ts';
import type { Value } from '../../expressions/predicate.ts';
import { readableTags, readableValue } from '../../images/tag-names.ts';
import type { Policy } from '../../ir/policy.ts';
import { baseOwner } from '../../tables/base-images.ts';
import { iamAction } from '../../tables/iam-actions.ts';
import { IamDifference } from '../iam/read-document.ts';
import { type Asked, forEachClass, type KeyClasses, keyClasses, type Seen } from './classes.ts';
import { allows, isMet } from './evaluate.ts';
import type { ReadStatement } from './read.ts';
import { visible } from './visible.ts';
import { clearanceOf, type Wanted, wantedOf } from './wanted.ts';

export interface RoleFacts {
  readonly policy: Policy;
  readonly partition: string;
  readonly tagged: boolean;
  readonly sha256: (content: string) => string;
}

const run = 'ec2:runinstances';
const resize = 'ec2:modifyinstanceattribute';
const tag = 'ec2:createtags';

const templateKey = keys.template.toLowerCase();
const newType = keys.newInstanceType.toLowerCase();
const createAction = keys.createAction.toLowerCase();
const imageKey = keys.image.toLowerCase();
const launchTag = requestTag(readableTags.template).toLowerCase();

/** What of one kind of request decides, and how. */
interface Question {
  readonly action: string;
  readonly type: string;
  /** The keys that may be asked, each with what the policy's values are there. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** What the policy asks of the value of one key, for telling values apart. */
  readonly tests: ReadonlyMap<string, readonly ((value: Seen) => boolean | undefined)[]>;
  wanted(known: ReadonlyMap<string, string>): boolean;
}

/**
 * Compares what the role allows with what the policy lets pass, over every class of requests on each resource that
 * RunInstances touches, on what it creates, and on instances that are changed afterwards.
 *
 * @throws IamDifference for a request on which the two differ
 */
export function compareRole(statements: readonly ReadStatement[], facts: RoleFacts): Asked {
  const actions = new Set([run, resize, tag, ...lookedAt.map((each) => each.toLowerCase())]);
  for (const statement of statements) {
    for (const action of statement.actions) {
      if (!actions.has(action)) throw new IamDifference(`the role speaks of ${action}`);
    }
  }
  let compared = 0;
  let whole = true;
  for (const question of questions(facts)) {
    const asked = compareQuestion(statements, question, facts.partition);
    compared += asked.compared;
    whole &&= asked.whole;
  }
  return { compared, whole };
}

function questions(facts: RoleFacts): readonly Question[] {
  const wanted = wantedOf(facts.policy, facts.tagged, facts.sha256);
  const own = (place: Wanted['place']) => wanted.filter((each) => each.place === place);
  const free: readonly string[] = freeResources;
  const decided = ['image', 'instance', 'volume'];
  const others = (iamAction(run)?.resources ?? []).filter((type) => !decided.includes(type));
  const touched: readonly string[] = taggedResources;
  const fixed = (action: string, type: string, isAllowed: boolean): Question => ({
    action,
    type,
    keys: new Map(),
    tests: new Map(),
    wanted: () => isAllowed,
  });
  return [
    imageQuestion(own('image'), facts),
    instanceQuestion(own('instance'), facts),
    questionOf(run, 'volume', own('volume'), facts),
    resizeQuestion(own('instance'), facts),
    ...others.map((type) => fixed(run, type, free.includes(type))),
    ...[...new Set([...decided, ...others, 'snapshot', 'vpc'])].map((type): Question => {
      const wants = (known: ReadonlyMap<string, string>) =>
        touched.includes(type) && known.get(createAction) === 'RunInstances';
      return {
        ...fixed(tag, type, false),
        keys: new Map([[createAction, ['RunInstances', 'CreateImage', 'CreateVolume']]]),
        tests: new Map([[createAction, [(value) => value === 'RunInstances']]]),
        wanted: wants,
      };
    }),
    fixed(resize, 'volume', false),
    fixed(resize, 'security-group', false),
    ...lookedAt.map((action) => fixed(action.toLowerCase(), '*', true)),
  ];
}

/** The limits that are kept on one resource of RunInstances. */
function questionOf(action: string, type: string, wanted: readonly Wanted[], facts: RoleFacts): Question {
  const clearance = clearanceOf(facts.policy);
  const values = new Map<string, string[]>();
  const tests = new Map<string, ((value: Seen) => boolean | undefined)[]>();
  const environment = (known: (key: string) => Seen) => ({
    attribute: (name: string): Value | undefined => {
      if (name === 'clearance') return clearance;
      const seen = visible(name, facts.sha256);
      const value = seen === undefined ? undefined : known(seen.key);
      return value === undefined ? undefined : seen?.known(value);
    },
    parameter: () => undefined,
  });
  for (const [name, mentioned] of mentionedValues(wanted.map(({ holds }) => holds))) {
    const seen = visible(name, facts.sha256);
    if (seen === undefined) continue;
    const { key } = seen;
    const spelled = [...mentioned].flatMap((value) => seen.spelled(value) ?? []);
    values.set(key, [...(values.get(key) ?? []), ...spelled, ...mentionedPlainly(mentioned), ...levels(name)]);
    const asking = wanted.filter(({ attributes }) => attributes.includes(name));
    tests.set(
      key,
      asking.map(
        ({ holds }) =>
          (value) =>
            evaluate(
              holds,
              environment((each) => (each === key ? value : undefined)),
            ),
      ),
    );
  }
  return {
    action,
    type,
    keys: values,
    tests,
    wanted: (known) => {
      const around = environment((key) => known.get(key));
      return wanted.every(({ holds }) => evaluate(holds, around) === true);
    },
  };
}

/** Patterns of names are on tags as they are. */
function mentionedPlainly(values: ReadonlySet<Value>): readonly string[] {
  return [...values].filter((value) => typeof value === 'string');
}

function levels(name: string): readonly string[] {
  if (name === 'classification') return ['public', 'internal', 'confidential', 'restricted'];
  return name === 'encrypted' ? ['true', 'false'] : [];
}

/** A question of which one more key must have one of these values. */
function also(question: Question, key: string, values: readonly string[], isOptional = false): Question {
  const fits = (value: Seen) => (value === undefined ? isOptional : values.includes(value));
  return {
    ...question,
    keys: new Map([...question.keys, [key, [...(question.keys.get(key) ?? []), ...values]]]),
    tests: new Map([...question.tests, [key, [...(question.tests.get(key) ?? []), fits]]]),
    wanted: (known) => fits(known.get(key)) && question.wanted(known),
  };
}

function templateOf({ policy, sha256 }: RoleFacts): string | undefined {
  const described = policy.obligations.find((each) => each.kind === 'describe-template');
  return described?.kind === 'describe-template' ? readableValue(described.template, sha256) : undefined;
}

function imageQuestion(wanted: readonly Wanted[], facts: RoleFacts): Question {
  const question = questionOf(run, 'image', wanted, facts);
  const images = facts.policy.obligations.find((each) => each.kind === 'build-images');
  if (!facts.tagged && images?.kind === 'build-images') {
    const owner = baseOwner(images.base);
    if (owner !== undefined) return also(question, keys.owner.toLowerCase(), [owner, 'amazon']);
    const ids = images.base.split(' ').flatMap((word) => word.split('=')[1] ?? []);
    return also(question, keys.image.toLowerCase(), ids);
  }
  const template = templateOf(facts);
  return template === undefined ? question : also(question, templateKey, [template]);
}

function instanceQuestion(wanted: readonly Wanted[], facts: RoleFacts): Question {
  const question = questionOf(run, 'instance', wanted, facts);
  const template = templateOf(facts);
  return template === undefined ? question : also(question, launchTag, [template], true);
}

/** An instance of the template may become what could be launched where it is. */
function resizeQuestion(wanted: readonly Wanted[], facts: RoleFacts): Question {
  const kept = wanted.filter(({ attributes }) =>
    attributes.every((each) => each === 'instance_type' || each === 'region'),
  );
  const oldType = keys.instanceType.toLowerCase();
  const asked = questionOf(resize, 'instance', kept, facts);
  const moved = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].map(([key, value]) => [key === oldType ? newType : key, value] as const));
  const question: Question = {
    ...asked,
    keys: new Map([[newType, []], ...moved(asked.keys)]),
    tests: new Map([[newType, [isThere]], ...moved(asked.tests)]),
    wanted: (known) => {
      const type = known.get(newType);
      if (type === undefined) return false;
      return asked.wanted(new Map([...known, [oldType, type]]));
    },
  };
  const template = templateOf(facts);
  if (template !== undefined) return also(question, templateKey, [template]);
  return {
    ...question,
    keys: new Map([...question.keys, [templateKey, ['?*']]]),
    tests: new Map([...question.tests, [templateKey, [isNamed]]]),
    wanted: (known) => isNamed(known.get(templateKey)) && question.wanted(known),
  };
}

/** Every image has an id: 8 or 17 hexadecimal digits. */
const isImage = (value: Seen) => value !== undefined && /^ami-[0-9a-f]{8,17}$/.test(value);
const anyImage = 'ami-00000000000000000';
const isThere = (value: Seen) => value !== undefined;
const isNamed = (value: Seen) => value !== undefined && value !== '';

function compareQuestion(statements: readonly ReadStatement[], question: Question, partition: string): Asked {
  const about = statements.filter(({ actions }) => actions.includes(question.action));
  let compared = 0;
  let whole = true;
  for (const resource of resourcesOf(question.type, about, partition)) {
    const asking = about.filter(({ resources }) => matchesAny(resource, resources));
    const classes = classesOf(asking, question);
    const asked = forEachClass(classes, (known) => {
      const said = allows(asking, { action: question.action, resource, known });
      if (said === question.wanted(known)) return;
      const where = [...known].map(([key, value]) => ` ${key}=${JSON.stringify(value)}`).join('');
      throw new IamDifference(`${question.action} on ${resource}${where}: the role ${said ? 'allows' : 'refuses'} it`);
    });
    compared += asked.compared;
    whole &&= asked.whole;
  }
  return { compared, whole };
}

function matchesAny(resource: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => isMet({ operator: 'StringLike', key: '', values: [pattern] }, resource));
}

function classesOf(asking: readonly ReadStatement[], question: Question): readonly KeyClasses[] {
  const values = new Map([...question.keys].map(([key, list]) => [key, [...list]]));
  for (const { conditions } of asking) {
    for (const { key, values: asked } of conditions) {
      const list = values.get(key);
      if (list === undefined) {
        throw new IamDifference(`${question.action} on ${question.type} is asked for ${key}, which nothing limits`);
      }
      list.push(...asked);
    }
  }
  return [...values].map(([key, mentioned]) => {
    const own = asking.flatMap(({ conditions }) => conditions.filter((each) => each.key === key));
    const tests = own.map((condition) => (value: Seen) => isMet(condition, value));
    const all = [...tests, ...(question.tests.get(key) ?? [isThere])];
    return key === imageKey ? keyClasses(key, [...mentioned, anyImage], all, isImage) : keyClasses(key, mentioned, all);
  });
}

/** One ARN of the type for each way in which the statements' resources fit, new ones among them. */
function resourcesOf(type: string, about: readonly ReadStatement[], partition: string): readonly string[] {
  const patterns = [...new Set(about.flatMap(({ resources }) => resources))];
  if (type === '*') return ['*'];
  const found = new Map<string, string>();
  for (const resource of [...samples(type, partition), ...patterns.flatMap((each) => filled(each, type, partition))]) {
    const way = patterns.map((pattern) => (matchesAny(resource, [pattern]) ? '1' : '0')).join('');
    if (!found.has(way)) found.set(way, resource);
  }
  return [...found.values()];
}

function samples(type: string, partition: string): readonly string[] {
  const arn = resourceArn(partition, type).split(':');
  const accounts = arn[4] === '' ? [''] : ['111111111111', '222222222222'];
  return ['us-east-1', 'eu-west-1'].flatMap((region) =>
    accounts.flatMap((account) =>
      ['*', 'x-0123456789abcdef0', 'y-1'].map((id) => `arn:${partition}:ec2:${region}:${account}:${type}/${id}`),
    ),
  );
}

/** What a pattern of a statement matches of the type. */
function filled(pattern: string, type: string, partition: string): readonly string[] {
  const arn = pattern.replaceAll('*', 'x').replaceAll('?', 'z');
  return arn.startsWith(`arn:${partition}:`) && arn.split(':')[5]?.startsWith(`${type}/`) ? [arn] : [];
}
