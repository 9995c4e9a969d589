// docs/dialects/*.md, docs/configuration.md and docs/hook-programs.md: the reference of each kind of file, from what reads it.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const note = "['Generated from its shape by `npm run generate`.']";

/** One generator a page. */
export const references = [
  {
    output: 'docs/dialects/sandbox.md',
    missing: () => undefined,
    generate: () => evaluate(`docs.dialectReference(docs.dialects.find(({ name }) => name === 'sandbox'), ${note})`),
  },
  {
    output: 'docs/dialects/guardrail.md',
    missing: () => undefined,
    generate: () => evaluate(`docs.dialectReference(docs.dialects.find(({ name }) => name === 'guardrail'), ${note})`),
  },
  {
    output: 'docs/dialects/kuadrant.md',
    missing: () => undefined,
    generate: () => evaluate(`docs.dialectReference(docs.dialects.find(({ name }) => name === 'kuadrant'), ${note})`),
  },
  {
    output: 'docs/dialects/tenancy.md',
    missing: () => undefined,
    generate: () => evaluate(`docs.dialectReference(docs.dialects.find(({ name }) => name === 'tenancy'), ${note})`),
  },
  {
    output: 'docs/dialects/template.md',
    missing: () => undefined,
    generate: () => evaluate(`docs.dialectReference(docs.dialects.find(({ name }) => name === 'template'), ${note})`),
  },
  {
    output: 'docs/dialects/governance.md',
    missing: () => undefined,
    generate: () => evaluate(`docs.dialectReference(docs.dialects.find(({ name }) => name === 'governance'), ${note})`),
  },
  {
    output: 'docs/configuration.md',
    missing: () => undefined,
    generate: () => evaluate(`docs.configReference(${note})`),
  },
  {
    output: 'docs/hook-programs.md',
    missing: () => undefined,
    generate: () => evaluate("docs.hookReference(['Generated from the table of hooks by `npm run generate`.'])"),
  },
];

let bundled;

function evaluate(expression) {
  bundled ??= buildSync({
    stdin: {
      contents: `export { dialects } from './compiler/dialects/index.ts';
        export { dialectReference } from './compiler/dialects/reference.ts';
        export { configReference } from './cli/config-reference.ts';
        export { hookReference } from './compiler/hook-programs/reference.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'docs',
    platform: 'neutral',
    mainFields: ['module', 'main'],
  }).outputFiles[0].text;
  return runInNewContext(`${bundled}; ${expression}`, { TextEncoder, TextDecoder });
}
