import type { Rule } from '../../ir/policy.ts';
import type { DeniedAction, DenyStatement } from './statements.ts';

/** A policy document and where in it each rule stands. */
export interface PackedDocument {
  /** The JSON, without white space. */
  readonly text: string;
  readonly places: readonly { readonly pointer: string; readonly rule: Rule }[];
}

export interface Packing {
  readonly documents: readonly PackedDocument[];
  /** Actions that do not fit into a document even alone with their conditions. */
  readonly tooLong: readonly DeniedAction[];
}

interface Part {
  readonly statement: DenyStatement;
  readonly actions: DeniedAction[];
}

/**
 * The statements in as few documents as a plain filling in their order gives, each of at most `most` characters.
 *
 * @param principals ARNs that the documents bind; absent, whoever they are attached to
 */
export function pack(
  statements: readonly DenyStatement[],
  most: number,
  principals: readonly string[] | undefined,
): Packing {
  const documents: PackedDocument[] = [];
  const tooLong: DeniedAction[] = [];
  let parts: Part[] = [];
  let length = emptyLength;
  const close = () => {
    if (parts.length > 0) documents.push(write(parts, principals));
    parts = [];
    length = emptyLength;
  };
  for (const statement of statements) {
    const frame = statementText({ statement, actions: [] }, 0, principals).length;
    for (const action of statement.actions) {
      const own = action.name.length + 2;
      if (emptyLength + frame + own > most) {
        tooLong.push(action);
        continue;
      }
      let part = parts.at(-1)?.statement === statement ? parts.at(-1) : undefined;
      // A comma joins it to the action before, or its statement to the statement before and a longer Sid.
      const joint = part === undefined ? (parts.length === 0 ? 0 : 1 + String(parts.length).length - 1) : 1;
      if (length + (part === undefined ? frame : 0) + own + joint > most) {
        close();
        part = undefined;
      }
      if (part === undefined) {
        length += frame + (parts.length === 0 ? 0 : joint);
        part = { statement, actions: [] };
        parts.push(part);
      } else length += 1;
      part.actions.push(action);
      length += own;
    }
  }
  close();
  return { documents, tooLong };
}

const head = '{"Version":"2012-10-17","Statement":[';
const tail = ']}';
const emptyLength = head.length + tail.length;

function write(parts: readonly Part[], principals: readonly string[] | undefined): PackedDocument {
  const text = `${head}${parts.map((part, index) => statementText(part, index, principals)).join(',')}${tail}`;
  const places = parts.flatMap(({ actions }, index) =>
    actions.flatMap(({ rules }, at) => rules.map((rule) => ({ pointer: `/Statement/${index}/Action/${at}`, rule }))),
  );
  return { text, places };
}

function statementText({ statement, actions }: Part, index: number, principals?: readonly string[]): string {
  const { regions, resources } = statement;
  const condition = {
    ...(regions === undefined ? {} : { StringEquals: { 'aws:RequestedRegion': regions } }),
    ...(principals === undefined ? {} : { ArnLike: { 'aws:PrincipalArn': principals } }),
  };
  return JSON.stringify({
    Sid: `Deny${index}`,
    Effect: 'Deny',
    Action: actions.map(({ name }) => name),
    Resource: resources ?? '*',
    ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
  });
}
