import type { Decision, Point, Policy } from '../../ir/policy.ts';
import type { Code } from './binary/code.ts';
import { type FinishedModule, type FunctionHandle, ModuleBuilder } from './binary/module.ts';
import { contextOf, exportName } from './decisions.ts';
import type { ExpressionLowering } from './extension.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { RecordLayout } from './layout.ts';
import { lowerDecision } from './lower/decision.ts';
import { type ModuleContext, Operands, RECORD } from './lower/operands.ts';
import { comparedTexts, sameness, withoutTexts } from './lower/residual.ts';
import { effectCodes } from './result.ts';

/** What is asked about one record of many policies at once. */
export interface ManyDecisions extends FinishedModule {
  readonly export: string;
  readonly layout: RecordLayout;
  /** In the order of the answers: those of the policies that decide at the point, and of which policy each is. */
  readonly decisions: readonly PlacedDecision[];
  readonly fingerprint: number;
}

export interface PlacedDecision {
  readonly policy: number;
  readonly decision: Decision;
}

/** Where the function that decides about all writes its answers: its second parameter. */
const OUTPUT = 1;
/** So many policies that ask for texts of the same attribute are looked up by it. */
const worthwhile = 4;

/**
 * The decisions of many policies at one point in a function `decide_all_POINT` of the address of a record and of where to
 * write the answers, four bytes each. It gives back how many answers are not `allow`.
 *
 * Of policies that speak of different accounts, teams or services only those are run that speak of the one that is asked
 * about: what the others say is the same for all that differ in nothing else, and is worked out once for them.
 */
export function manyDecisions(
  policies: readonly Policy[],
  point: Point,
  extension?: ExpressionLowering,
): ManyDecisions {
  const decisions = policies.flatMap(({ decisions: own }, policy) =>
    own.filter((decision) => decision.point === point).map((decision) => ({ policy, decision })),
  );
  const module = new ModuleBuilder();
  const context = contextOf(
    module,
    point,
    decisions.map(({ decision }) => decision),
    extension,
    true,
  );
  const main = module.declare(exportName('decide_all', point), ['i32', 'i32'], 'i32');
  module.export(main);
  const writer = new ManyWriter(context, main.code, decisions);
  writer.write();
  const asked = { export: main.name, layout: context.layout };
  const decided = decisions.map(({ policy, decision }) => ({ policy: policies[policy]!.name, decision }));
  const fingerprint = fingerprintOf([{ ...asked, decided }]);
  return { ...module.finish(fingerprint), ...asked, decisions, fingerprint };
}

class ManyWriter {
  readonly #context: ModuleContext;
  readonly #code: Code;
  readonly #decisions: readonly PlacedDecision[];
  readonly #functions: FunctionHandle[] = [];
  /** How many answers are not `allow`. */
  readonly #others: number;

  constructor(context: ModuleContext, code: Code, decisions: readonly PlacedDecision[]) {
    this.#context = context;
    this.#code = code;
    this.#decisions = decisions;
    this.#others = code.local('i32');
  }

  write(): void {
    const code = this.#code;
    const operands = new Operands(this.#context, code);
    operands.begin();
    for (const [attribute, vocabulary] of this.#context.vocabularies) {
      const unknown = code.block();
      operands.requireKnown(attribute, 'text', unknown);
      operands.pushLookUp(attribute, vocabulary);
      code.setGlobal(vocabulary.shared!);
      code.end();
    }
    const attribute = this.#discriminating();
    const indexed = new Map<number, ReadonlySet<string>>();
    for (const [place, { decision }] of this.#decisions.entries()) {
      const texts = attribute === undefined ? undefined : comparedTexts(decision, attribute);
      if (texts === undefined) this.#answerEach([place]);
      else indexed.set(place, texts);
    }
    if (attribute !== undefined) this.#answerIndexed(operands, attribute, indexed);
    code.get(this.#others);
  }

  /** The attribute by whose texts most policies differ from each other; undefined where few do. */
  #discriminating(): string | undefined {
    let best: string | undefined;
    let most = 0;
    for (const [name, { numbers }] of this.#context.vocabularies) {
      const fitting = this.#decisions.filter(({ decision }) => comparedTexts(decision, name) !== undefined).length;
      if (fitting < worthwhile || fitting * numbers.size <= most) continue;
      most = fitting * numbers.size;
      best = name;
    }
    return best;
  }

  #answerIndexed(operands: Operands, attribute: string, indexed: ReadonlyMap<number, ReadonlySet<string>>): void {
    const code = this.#code;
    const done = code.block();
    const unknown = code.block();
    operands.requireKnown(attribute, 'text', unknown);
    const groups = new Map<string, { readonly decision: Decision; readonly places: number[] }>();
    const byText = new Map<string, number[]>();
    for (const [place, texts] of indexed) {
      const decision = withoutTexts(this.#decisions[place]!.decision, attribute);
      const key = sameness(decision);
      const group = groups.get(key) ?? { decision, places: [] };
      groups.set(key, group);
      group.places.push(place);
      for (const text of texts) byText.set(text, [...(byText.get(text) ?? []), place]);
    }
    for (const { decision, places } of groups.values()) this.#answerAlike(decision, places);
    const { numbers, shared } = this.#context.vocabularies.get(attribute)!;
    const dispatched = [...numbers].map(([text, number]) => ({ number, places: byText.get(text) ?? [] }));
    this.#dispatch(dispatched, shared!);
    code.branch(done);
    code.end();
    this.#answerEach([...indexed.keys()]);
    code.end();
  }

  /** One answer for all of them, which the loop writes to the places that a table lists. */
  #answerAlike(decision: Decision, places: readonly number[]): void {
    const code = this.#code;
    const { module } = this.#context;
    const own = module.declare(`alike_${places[0]}`, ['i32'], 'i32');
    lowerDecision(decision, this.#context, own.code);
    const bytes = new Uint8Array(4 * places.length);
    const view = new DataView(bytes.buffer);
    for (const [index, place] of places.entries()) view.setUint32(4 * index, 4 * place, true);
    const table = module.data.place(bytes, 4);
    const write = fill(module);
    code.get(OUTPUT);
    code.get(RECORD);
    code.call(own.index);
    code.i32(table);
    code.i32(table + bytes.length);
    code.call(write.index);
    code.get(this.#others);
    code.op('i32.add');
    code.set(this.#others);
  }

  /** Finds the number of the text by bisection, and runs the policies that speak of it. */
  #dispatch(texts: readonly { readonly number: number; readonly places: readonly number[] }[], global: number): void {
    const code = this.#code;
    const search = (from: number, to: number): void => {
      if (to - from === 1) {
        const { number, places } = texts[from]!;
        code.getGlobal(global);
        code.i32(number);
        code.op('i32.eq');
        code.if();
        const own = this.#context.module.declare(`text_${number}`, ['i32', 'i32'], 'i32');
        const others = own.code.local('i32');
        for (const place of places) this.#answerOne(own.code, place, others, true);
        own.code.get(others);
        code.get(RECORD);
        code.get(OUTPUT);
        code.call(own.index);
        code.get(this.#others);
        code.op('i32.add');
        code.set(this.#others);
        code.end();
        return;
      }
      const middle = (from + to) >> 1;
      code.getGlobal(global);
      code.i32(texts[middle]!.number);
      code.op('i32.lt_u');
      code.if();
      search(from, middle);
      code.else();
      search(middle, to);
      code.end();
    };
    if (texts.length > 0) search(0, texts.length);
  }

  #answerEach(places: readonly number[]): void {
    for (const place of places) this.#answerOne(this.#code, place, this.#others, false);
  }

  /** @param again whether an answer stands there that is to be replaced */
  #answerOne(code: Code, place: number, others: number, again: boolean): void {
    if (again) {
      code.get(others);
      code.get(OUTPUT);
      code.aligned('i32.load', 4 * place);
      pushIsOther(code);
      code.op('i32.sub');
      code.set(others);
    }
    code.get(OUTPUT);
    code.get(RECORD);
    code.call(this.#functionOf(place).index);
    code.aligned('i32.store', 4 * place);
    code.get(others);
    code.get(OUTPUT);
    code.aligned('i32.load', 4 * place);
    pushIsOther(code);
    code.op('i32.add');
    code.set(others);
  }

  /** The whole decision of a policy. */
  #functionOf(place: number): FunctionHandle {
    let known = this.#functions[place];
    if (known === undefined) {
      const { policy, decision } = this.#decisions[place]!;
      known = this.#context.module.declare(`policy_${policy}`, ['i32'], 'i32');
      lowerDecision(decision, this.#context, known.code);
      this.#functions[place] = known;
    }
    return known;
  }
}

/** Replaces an answer by whether it is another than `allow`. */
function pushIsOther(code: Code): void {
  code.i32(15);
  code.op('i32.and');
  code.i32(effectCodes.allow);
  code.op('i32.ne');
}

/** (output, answer, table's start, table's end) -> how many were written where the answer does not allow. */
function fill(module: ModuleBuilder): FunctionHandle {
  return module.library('fill', ['i32', 'i32', 'i32', 'i32'], 'i32', (code) => {
    const [output, answer, at, end] = [0, 1, 2, 3];
    const start = code.local('i32');
    code.get(at);
    code.set(start);
    const again = code.loop();
    code.get(output);
    code.get(at);
    code.aligned('i32.load');
    code.op('i32.add');
    code.get(answer);
    code.aligned('i32.store');
    code.get(at);
    code.i32(4);
    code.op('i32.add');
    code.tee(at);
    code.get(end);
    code.op('i32.lt_u');
    code.branchIf(again);
    code.end();
    code.get(end);
    code.get(start);
    code.op('i32.sub');
    code.i32(2);
    code.op('i32.shr_u');
    code.get(answer);
    pushIsOther(code);
    code.op('i32.mul');
  });
}
