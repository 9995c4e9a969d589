import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { suite } from '../support/harness.ts';

const { test, run } = suite('architecture');
const root = process.env.POLC_ROOT ?? '.';

/** Which room may import which. A room may always import itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  grammars: [],
  compiler: ['grammars'],
  runtime: ['compiler', 'grammars'],
  lsp: ['compiler', 'grammars'],
  cli: ['runtime', 'lsp', 'compiler', 'grammars'],
  'vscode-extension': ['lsp', 'compiler', 'grammars'],
};

/** Rooms that run in a browser. */
const pure = ['grammars', 'compiler'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  /** `import()`: run long after both modules have been made, so it closes no circle. */
  readonly lazy: boolean;
}

function sources(room: string): readonly string[] {
  try {
    return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file));
  } catch {
    // A room that has not been built yet.
    return [];
  }
}

const imports: readonly Import[] = Object.keys(arrows).flatMap((room) =>
  sources(room).flatMap((from) => {
    const text = readFileSync(join(root, from), 'utf8');
    const statements = text.matchAll(
      /^\s*(import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm,
    );
    return [...statements].map((match) => {
      const specifier = match[3] ?? match[4] ?? match[5] ?? '';
      const to = specifier.startsWith('.') ? relative('.', normalize(join(dirname(from), specifier))) : specifier;
      return { from, to, typeOnly: match[2] !== undefined, lazy: match[0].startsWith('import(') };
    });
  }),
);

test('every import arrow goes the way docs/architecture.md says', () => {
  const wrong = imports.filter(({ from, to }) => {
    const room = from.split('/')[0]!;
    const other = to.split('/')[0]!;
    return Object.hasOwn(arrows, other) && other !== room && !arrows[room]!.includes(other);
  });
  if (wrong.length > 0) throw new Error(wrong.map(({ from, to }) => `${from} imports ${to}`).join('\n'));
  if (imports.length < 100) throw new Error('the imports were not found');
});

test('the pure rooms import nothing of Node', () => {
  const allowed = new Set(['yaml', 'chevrotain', 'fflate']);
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    if (!pure.includes(from.split('/')[0]!)) return false;
    const packageName = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : to.split('/')[0]!;
    return !typeOnly && !to.endsWith('.ts') && to !== 'package.json' && !allowed.has(packageName);
  });
  if (wrong.length > 0) throw new Error(wrong.map(({ from, to }) => `${from} imports ${to}`).join('\n'));
});

test('the language server asks Node only in lsp/node, so that it runs in a worker of a browser too', () => {
  const server = 'vscode-languageserver';
  const allowed = new Set([server, 'vscode-languageserver-textdocument']);
  const wrong = imports.filter(
    ({ from, to, typeOnly }) =>
      from.startsWith('lsp/') &&
      !from.startsWith('lsp/node/') &&
      !typeOnly &&
      (to.startsWith('lsp/node/') ||
        (!to.endsWith('.ts') && !allowed.has(to) && !(from.startsWith('lsp/browser/') && to === `${server}/browser`))),
  );
  if (wrong.length > 0) throw new Error(wrong.map(({ from, to }) => `${from} imports ${to}`).join('\n'));
  if (!imports.some(({ from }) => from.startsWith('lsp/node/'))) throw new Error('lsp/node was not found');
});

test('no import leads in a circle', () => {
  const edges = new Map<string, string[]>();
  for (const { from, to, typeOnly, lazy } of imports) {
    if (!to.endsWith('.ts') || typeOnly || lazy) continue;
    edges.set(from, [...(edges.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const visit = (file: string, chain: readonly string[]): void => {
    if (chain.includes(file)) throw new Error([...chain.slice(chain.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...chain, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
});

run();
