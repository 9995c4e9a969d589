import type { RecordLayout, SlotType } from '../layout.ts';
import { addressSource } from './address-source.ts';

/** What is expected of each type of slot, in words, and as a test in JavaScript. */
const expected: Readonly<Record<SlotType, readonly [words: string, test: string]>> = {
  text: ['a string', "typeof value === 'string' && !/\\p{Cs}/u.test(value)"],
  integer: [
    'a whole number of 64 bits, not negative',
    "typeof value === 'bigint' ? BigInt.asUintN(64, value) === value : Number.isSafeInteger(value) && value >= 0",
  ],
  number: ['a number', "typeof value === 'number'"],
  boolean: ['a boolean', "typeof value === 'boolean'"],
  address: ['an IP address', "typeof value === 'string' && isAddress(value)"],
  value: ['a value of the request', 'true'],
};

/**
 * JavaScript of a script that asks: `requireModule(instance)`, which throws where the instance is not of the module that the
 * script was made with; `explained(whose, rules, answer)`, what an answer says; and `came(value)`, what was given in words.
 *
 * @param functions the functions that the module has to export
 */
export function requireSource(fingerprint: number, functions: readonly string[]): string {
  return `function requireModule(instance) {
  const exports = instance?.exports;
  if (typeof exports !== 'object' || exports === null) {
    throw new TypeError(\`an instance of decisions.wasm is expected, the \\\`instance\\\` of what WebAssembly.instantiate gives, and \${came(instance)} came\`);
  }
  const abi = exports.abi?.value;
  if (abi !== 1) {
    throw new TypeError(\`this script asks modules of ABI 1, and this is \${abi === undefined ? 'no decision module' : \`one of ABI \${abi}\`}: take decisions.wasm and decisions.js of one build\`);
  }
  if (exports.fingerprint?.value !== ${fingerprint} || ${JSON.stringify(functions)}.some((name) => typeof exports[name] !== 'function')) {
    throw new TypeError('the module is of another build than this script: take decisions.wasm and decisions.js of one build');
  }
}

function explained(whose, rules, answer) {
  const effect = effects[answer & 15];
  const rule = rules[answer >>> 4];
  if (typeof answer !== 'number' || effect === undefined || rule === undefined) {
    throw new RangeError(\`an answer of \${whose} is expected, and \${came(answer)} came\`);
  }
  return { effect, rule };
}

function came(value) {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string': return \`the string \${JSON.stringify(value.length > 60 ? \`\${value.slice(0, 60)}…\` : value)}\`;
    case 'number': return \`the number \${value}\`;
    case 'bigint': return \`the bigint \${value}\`;
    case 'boolean': return String(value);
    case 'object': return Array.isArray(value) ? 'an array' : 'an object';
    default: return \`a \${typeof value}\`;
  }
}`;
}

/** An object of what is expected of each attribute, for `problemsSource`. */
export function expectedText(layouts: readonly RecordLayout[]): string {
  return JSON.stringify(
    Object.fromEntries(
      layouts.map(({ point, slots }) => {
        const types = new Map<string, SlotType[]>();
        for (const { name, type, path = [name] } of slots) {
          const attribute = type === 'value' ? path[0]! : name;
          const known = types.get(attribute) ?? [];
          types.set(attribute, known.includes(type) ? known : [...known, type]);
        }
        return [point, Object.fromEntries(types)];
      }),
    ),
  );
}

/**
 * JavaScript of `problemsOf(asked, attributes, taken)`, which says what of the attributes is unknown, and why. Nothing that
 * decides calls it. Who asks a module sets `capacity`, of which `taken` bytes are for no texts.
 *
 * @param layouts what may be asked
 */
export function problemsSource(layouts: readonly RecordLayout[]): string {
  const types = [...new Set(layouts.flatMap(({ slots }) => slots.map(({ type }) => type)))];
  const addresses = [
    'const isAddress = (() => {',
    '  const view = new DataView(new ArrayBuffer(16));',
    indent(addressSource),
    '  return (value) => address(value, 0);',
    '})();',
  ];
  return [
    ...(types.includes('address') ? addresses : []),
    'const types = {',
    ...types.map((type) => `  ${type}: [${JSON.stringify(expected[type][0])}, (value) => ${expected[type][1]}],`),
    '};',
    `// The bytes of the last module that was asked about, from its first record on.
let capacity = Infinity;

function problemsOf(asked, attributes, taken) {
  if (typeof attributes !== 'object' || attributes === null) {
    return [{ attribute: '', message: \`an object of attributes is expected, and \${came(attributes)} came\` }];
  }
  const found = [];
  let left = capacity - taken;
  for (const [attribute, names] of Object.entries(asked)) {
    const value = attributes[attribute];
    const wrong = names.find((name) => value === undefined || !types[name][1](value));
    if (wrong !== undefined) {
      const half = wrong === 'text' && typeof value === 'string' ? 'half of a surrogate pair, which is no character, in ' : '';
      found.push({ attribute, message: \`\${attribute}: \${types[wrong][0]} is expected, and \${half}\${came(value)} came\` });
    } else if (names.includes('text')) {
      if (3 * value.length > left) found.push({ attribute, message: \`\${attribute}: the module has room for a string of \${Math.floor(left / 3)} UTF-16 code units here, and one of \${value.length} came\` });
      else left -= new TextEncoder().encode(value).length;
    }
  }
  for (const attribute of Object.keys(attributes)) {
    if (!Object.hasOwn(asked, attribute)) found.push({ attribute, message: \`\${attribute}: the policy asks for nothing of this name\` });
  }
  return found;
}`,
  ].join('\n');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
