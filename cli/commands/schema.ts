import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { dialects } from '../../compiler/dialects/index.ts';
import { jsonSchema } from '../../compiler/schema/json-schema.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { summaries } from '../summaries.ts';

export const command = defineCommand(
  {
    name: 'schema',
    summary: summaries.schema,
    operands: '[DIALECT]',
    operandCount: { least: 0, most: 1 },
    completes: dialects.map(({ name }) => name),
    options: {},
    examples: ['polc schema sandbox > sandbox.schema.json'],
  },
  ({ operands }, terminal) => {
    const [name] = operands;
    if (name === undefined) {
      for (const dialect of dialects) terminal.write(`${dialect.name}  ${dialect.summary}\n`);
      return exitCode.fine;
    }
    const dialect = dialects.find((each) => each.name === name);
    if (dialect === undefined) {
      const names = dialects.map((each) => each.name);
      const near = nearest(name, names);
      const help = near === undefined ? `the dialects are ${names.join(', ')}` : `did you mean \`${near}\`?`;
      terminal.writeError(`polc schema: there is no dialect \`${name}\`\n  = help: ${help}\n`);
      return exitCode.usage;
    }
    terminal.write(`${JSON.stringify(jsonSchema(dialect.description, dialect.name), undefined, 2)}\n`);
    return exitCode.fine;
  },
);
