import { formats } from '../output.ts';
import { targetKeys } from '../target.ts';

/** The options that every command which compiles policies has. */
export const compileOptions = {
  target: {
    type: 'pairs',
    value: 'KEY=VALUE',
    doc: `what to compile for: ${Object.keys(targetKeys).join(', ')}`,
    short: 't',
  },
  format: { type: 'choice', choices: formats, doc: 'how to print diagnostics', default: 'pretty' },
  'max-ms': {
    type: 'number',
    value: 'N',
    doc: 'the time gate of one policy in milliseconds; 0 turns it off',
    minimum: 0,
  },
  jobs: {
    type: 'number',
    value: 'N',
    doc: 'threads; 0 for one a processor',
    default: 0,
    minimum: 0,
    whole: true,
    short: 'j',
  },
  'no-cache': { type: 'flag', doc: 'compile everything again' },
} as const;
