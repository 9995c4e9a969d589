import { type EncodedDecision, encoderBody } from '../../compiler/backends/wasm/encoder/javascript.ts';
import type { DecisionEntry, DecisionsFile } from '../../compiler/backends/wasm/format.ts';
import { Duration, Timestamp, Uint } from '../../compiler/expressions/cel/value.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import type { Effect, Point } from '../../compiler/ir/policy.ts';
import { encodeRecord } from './encode-record.ts';

/** What is known of what is asked about, by attribute, and by `$name` the parameters. What is absent is unknown. */
export type Attributes = Readonly<Record<string, Value | undefined>>;

/** The same, with the variables that expressions in CEL read of the request: `auth`, `request`. */
export type Given = Readonly<Record<string, unknown>>;

/** What a module answers, in one number, so that nothing is made for it; `explainAnswer` says what it means. */
export type Answer = number;

/** The decisions of a module that has been loaded. */
export interface LoadedDecisions {
  readonly points: readonly Point[];
  /**
   * Asks about one thing. It makes nothing that would have to be collected, whatever is answered.
   *
   * @throws RangeError where the module does not decide at this point
   */
  decide(point: Point, attributes: Given): Answer;
  /** The function of one point, for who asks it often; undefined where the module does not decide there. */
  at(point: Point): ((attributes: Given) => Answer) | undefined;
  /** The effect, `unknown` where something that matters is not known, and who decided. Whoever enforces refuses then. */
  explain(point: Point, answer: Answer): Explained;
}

export interface Explained {
  readonly effect: Effect['kind'] | 'unknown';
  /** The id of the rule that decided, or of the first that is unknown. */
  readonly rule: string;
  /** What the effect carries: the error of `errno`. */
  readonly data?: number;
  /** The call is to be recorded. */
  readonly audit?: true;
}

/** Whether an answer lets pass; whatever is not known to be allowed is refused. */
export function allows(answer: Answer): boolean {
  return (answer & 15) === ALLOW;
}

const ALLOW = 1;

/** Engine code of modules, by what their bytes are; they are compiled once in a process. */
export class ModuleCache {
  readonly #modules = new Map<string, WebAssembly.Module>();
  readonly #digest: (bytes: Uint8Array) => string;
  readonly #most: number;

  /** @param most so many modules are kept, those that were asked for last */
  constructor(digest: (bytes: Uint8Array) => string, most = 64) {
    this.#digest = digest;
    this.#most = most;
  }

  /** @throws WebAssembly.CompileError where the bytes are no module */
  module(bytes: Uint8Array): WebAssembly.Module {
    const key = this.#digest(bytes);
    const module = this.#modules.get(key) ?? new WebAssembly.Module(bytes as BufferSource);
    this.#modules.delete(key);
    this.#modules.set(key, module);
    if (this.#modules.size > this.#most) this.#modules.delete(this.#modules.keys().next().value!);
    return module;
  }
}

/**
 * Makes a module ready to be asked. Each call gives an instance of its own, which one thread at a time may ask.
 *
 * @param layout `decisions.json`, from the same build as the module
 * @throws TypeError where the module is none of ABI 1, or of another build than the layout
 */
export function loadDecisions(module: WebAssembly.Module, layout: DecisionsFile): LoadedDecisions {
  const instance = new WebAssembly.Instance(module, {});
  if ((instance.exports.abi as WebAssembly.Global | undefined)?.value !== 1 || layout.abi !== 1) {
    throw new TypeError('not a decision module of ABI 1');
  }
  if ((instance.exports.fingerprint as WebAssembly.Global | undefined)?.value !== layout.fingerprint) {
    throw new TypeError('the module and decisions.json are of different builds');
  }
  for (const { function: name } of layout.decisions) {
    if (typeof instance.exports[name] !== 'function') throw new TypeError(`the module has no function ${name}`);
  }
  const deciding = generated(instance, layout) ?? interpreted(instance, layout);
  const entries = new Map(layout.decisions.map((entry) => [entry.point, entry]));
  return {
    points: [...entries.keys()],
    at: (point) => deciding.get(point),
    decide(point, attributes) {
      const decide = deciding.get(point);
      if (decide === undefined) throw new RangeError(`the module does not decide at the point ${point}`);
      return decide(attributes);
    },
    explain: (point, answer) => explainAnswer(entries.get(point), answer),
  };
}

type Deciding = ReadonlyMap<Point, (attributes: Given) => Answer>;

/** Undefined where this process may make no code from texts (`--disallow-code-generation-from-strings`). */
function generated(instance: WebAssembly.Instance, layout: DecisionsFile): Deciding | undefined {
  const body = encoderBody(layout.decisions.map(encodedDecision));
  try {
    const make = new Function('instance', 'Uint', 'Timestamp', 'Duration', `'use strict';\n${body}`);
    const made = make(instance, Uint, Timestamp, Duration);
    return new Map(Object.entries(made) as [Point, (attributes: Given) => Answer][]);
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

function interpreted(instance: WebAssembly.Instance, layout: DecisionsFile): Deciding {
  const memory = (instance.exports.memory as WebAssembly.Memory).buffer;
  const start = (instance.exports.input as WebAssembly.Global).value;
  return new Map(
    layout.decisions.map((entry) => {
      const decide = instance.exports[entry.function] as (record: number) => number;
      return [
        entry.point,
        (attributes: Given) => {
          encodeRecord(memory, start, entry, attributes);
          return decide(start) >>> 0;
        },
      ];
    }),
  );
}

function encodedDecision({ point, function: name, size, slots }: DecisionEntry): EncodedDecision {
  const placed = slots.map(({ attribute, known, ...slot }) => ({ ...slot, name: attribute, present: known }));
  return { export: name, layout: { point, slots: placed, size } };
}

const effects: readonly Explained['effect'][] = [
  'unknown',
  'allow',
  'deny',
  'log',
  'errno',
  'trap',
  'trace',
  'notify',
  'kill-thread',
  'kill-process',
];

function explainAnswer(entry: DecisionEntry | undefined, answer: Answer): Explained {
  const rule = entry?.rules[answer >>> 4];
  const effect = effects[answer & 15];
  if (rule === undefined || effect === undefined) throw new RangeError(`${answer} is no answer of this decision`);
  const known = effect !== 'unknown';
  return {
    effect,
    rule: rule.id,
    ...(known && rule.data !== undefined ? { data: rule.data } : {}),
    ...(known && rule.audit !== undefined ? { audit: rule.audit } : {}),
  };
}
