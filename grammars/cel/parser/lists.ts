import type { ParserMethod } from 'chevrotain';
import type { Element, Expression, MapEntry, MessageField, Range } from '../syntax-tree.ts';
import type { TokenName } from '../tokens.ts';
import { beginsValue } from '../value-tokens.ts';
import { fieldName, ReportingParser } from './findings.ts';
import { fieldOf, nameOf, rangeOf } from './token.ts';

/** What has commas between: the arguments of a call, the elements of a list, the entries of a map, the fields of a message. */
export abstract class ListParser extends ReportingParser {
  /** Declared in cel-parser.ts. */
  abstract readonly expression: ParserMethod<[], Expression>;

  /** An expression where commas separate, and colons that have no business there. */
  readonly part = this.expressionRule('part', () => {
    const start = this.nextStart();
    const parts = [this.SUBRULE1(this.expression)];
    this.MANY(() => {
      const stray = this.CONSUME(this.types.of.Colon);
      this.ACTION(() => this.reportStray(stray));
      this.OPTION({
        GATE: () => beginsValue(this.nextName()),
        DEF: () => parts.push(this.SUBRULE2(this.expression)),
      });
    });
    return this.ACTION(() => (parts.length === 1 ? parts[0]! : this.hole(start, parts)));
  });

  /** The arguments of a call, with their parentheses. */
  readonly parts = this.RULE(
    'parts',
    (): readonly Expression[] => {
      const parts: Expression[] = [];
      this.CONSUME(this.types.of.Open);
      // No option of Chevrotain's: it would not go where a token stands that begins no expression.
      if (this.RECORDING_PHASE || this.nextName() !== 'Close') {
        parts.push(this.SUBRULE1(this.part));
        this.MANY(() => {
          const comma = this.CONSUME(this.types.of.Comma);
          if (!this.RECORDING_PHASE && this.nextName() === 'Close') {
            if (parts.at(-1)!.kind !== 'hole') this.problems.push({ kind: 'trailing comma', range: rangeOf(comma) });
            return;
          }
          parts.push(this.SUBRULE2(this.part));
        });
      }
      this.CONSUME(this.types.of.Close);
      return parts;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly elements = this.RULE(
    'elements',
    (): readonly Element[] => {
      const elements: Element[] = [];
      this.CONSUME(this.types.of.OpenList);
      this.#commaSeparated('CloseList', () => {
        const question = this.OPTION2(() => this.CONSUME(this.types.of.Question));
        const value = this.SUBRULE(this.part);
        this.ACTION(() => elements.push({ value, optional: question !== undefined }));
      });
      this.CONSUME(this.types.of.CloseList);
      return elements;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly entries = this.RULE(
    'entries',
    (): readonly MapEntry[] => {
      const entries: MapEntry[] = [];
      this.CONSUME(this.types.of.OpenMap);
      this.#commaSeparated('CloseMap', () => {
        const question = this.OPTION2(() => this.CONSUME(this.types.of.Question));
        const key = this.SUBRULE1(this.expression);
        const value = this.SUBRULE2(this.entryValue);
        this.ACTION(() => entries.push({ key, value, optional: question !== undefined }));
      });
      this.CONSUME(this.types.of.CloseMap);
      return entries;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly fields = this.RULE(
    'fields',
    (): readonly MessageField[] => {
      const fields: MessageField[] = [];
      this.CONSUME(this.types.of.OpenMap);
      this.#commaSeparated('CloseMap', () => {
        const question = this.OPTION2(() => this.CONSUME(this.types.of.Question));
        const { name, nameRange } = this.SUBRULE(this.fieldName);
        const value = this.SUBRULE(this.entryValue);
        this.ACTION(() => fields.push({ name, nameRange, value, optional: question !== undefined }));
      });
      this.CONSUME(this.types.of.CloseMap);
      return fields;
    },
    { recoveryValueFunc: () => [] },
  );

  readonly fieldName = this.RULE(
    'fieldName',
    (): { readonly name: string; readonly nameRange: Range } => {
      let result = { name: '', nameRange: this.beforeNext() };
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(this.types.name);
            this.ACTION(() => {
              result = { name: fieldOf(token), nameRange: rangeOf(token) };
            });
          },
        },
        {
          ALT: () => {
            this.ACTION(() => this.reportExpected(fieldName));
            this.OPTION({
              GATE: () => beginsValue(this.nextName()),
              DEF: () => this.SUBRULE(this.expression),
            });
          },
        },
      ]);
      return result;
    },
    { recoveryValueFunc: () => ({ name: '', nameRange: this.beforeNext() }) },
  );

  /** The colon and the value of an entry. */
  readonly entryValue = this.expressionRule('entryValue', () => {
    let value: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(this.types.of.Colon);
      value = this.SUBRULE(this.part);
    });
    return this.ACTION(() => {
      if (value === undefined) this.reportMissingColon();
      return value ?? this.hole(this.lastEnd(), []);
    });
  });

  /** Elements with commas between, perhaps one behind, and, as the grammar has it, one where there is no element. */
  #commaSeparated(close: TokenName, element: () => void): void {
    const empty = this.nextName() === close || (this.nextName() === 'Comma' && nameOf(this.LA(2)) === close);
    if (this.RECORDING_PHASE || !empty) element();
    this.MANY(() => {
      this.CONSUME(this.types.of.Comma);
      if (!this.RECORDING_PHASE && this.nextName() !== close) element();
    });
  }
}
