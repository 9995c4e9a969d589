// Makes the command line's scripts: what is loaded together lies in one, with one code cache.
//
// V8 spends its time on the whole of a cache, however little of it is wanted, and every file costs an opening. So esbuild
// cuts the program into chunks at every `import()` and every lazy `require('./x.ts')`, and the chunks are put together
// here by what a start of polc loads.
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * The scripts that several chunks share, each with the modules where what it is for begins. A chunk goes to the first
 * script of the first group that needs it.
 */
const common = {
  // What a build of unchanged policies runs.
  cli: ['cli/main.ts', 'cli/help.ts', 'cli/commands/build.ts', 'cli/build/file-bytes.ts'],
  nouns: ['guardrail', 'tenancy', 'profile', 'template', 'keys', 'audit', 'wasm', 'sandbox'].map(
    (noun) => `cli/commands/${noun}/index.ts`,
  ),
  messages: ['compiler/diagnostics/messages.ts'],
  catalogue: ['cli/commands/docs.ts', 'compiler/diagnostics/render/sarif.ts'],
  compiler: ['cli/build/pool.ts', 'cli/build/compile-one.ts', 'cli/build/worker.ts', 'cli/commands/check.ts'],
  // The yaml package, for documents that are not simple.
  yaml: ['compiler/source/compose-stream.ts', 'compiler/source/composed-piece.ts'],
};

/**
 * The language server, which no other verb loads, and what it answers at a cursor. They have what nothing else needs, and
 * load the rest where that lies.
 */
const server = {
  server: ['lsp/node/stdio.ts'],
  assistance: ['completion/complete', 'hover/hover', 'inlay', 'signature'].map((file) => `compiler/editor/${file}.ts`),
};

/** Families that never meet: what two of them need goes to the compiler. */
const families = [
  {
    sandbox: ['resolve', 'lower/index', 'shape'].map((file) => `compiler/dialects/sandbox/${file}.ts`),
    linux: ['compiler/backends/linux.ts'],
    hooks: ['compiler/backends/bpf-lsm/emission.ts'],
    conditions: ['grammars/argument-rules/parser.ts', 'grammars/hook-programs/parser.ts'],
  },
  {
    guardrail: ['compiler/dialects/guardrail/resolve.ts', 'compiler/tables/iam-actions.generated.ts'],
    template: ['compiler/dialects/template/resolve.ts'],
    governance: ['compiler/dialects/governance/resolve.ts'],
    aws: ['compiler/backends/aws.ts'],
    images: ['compiler/backends/ami/emission.ts', 'compiler/verify/ami/index.ts'],
    simulate: ['cli/commands/guardrail/simulate.ts'],
    responses: ['respond', 'approve', 'reject', 'renew', 'status', 'rollback'].map(
      (verb) => `cli/commands/guardrail/${verb}.ts`,
    ),
    signing: [
      'keys/generate',
      'keys/list',
      'template/sign',
      'template/verify',
      'template/approve',
      'template/scan',
      'audit/verify',
      'audit/report',
    ].map((verb) => `cli/commands/${verb}.ts`),
    launches: ['cli/commands/launch.ts'],
    profiles: ['create', 'invite', 'accept', 'show', 'list', 'use'].map((verb) => `cli/commands/profile/${verb}.ts`),
    builds: ['build', 'status', 'list', 'info'].map((verb) => `cli/commands/template/${verb}.ts`),
    // Changes what runs elsewhere by the same means as the responses.
    tenancy: ['plan', 'apply', 'status', 'drift', 'delete', 'serve'].map((verb) => `cli/commands/tenancy/${verb}.ts`),
  },
  {
    kuadrant: ['compiler/dialects/kuadrant/resolve.ts'],
  },
];

/** Where bin/polc.js and bin/thread.js begin. */
const starts = ['cli/main.ts', 'cli/build/worker.ts'];

/**
 * The scripts by name, each the text of a function that takes `require` and `__dirname` and gives its chunks by key.
 *
 * @param worker a module that begins elsewhere than in Node: with all that it needs, at once or later, it lies in the
 *   script `shared`, from which the others take what they need as well
 */
export async function commandLine(options, worker) {
  const outputs = await chunks(options, worker === undefined ? starts : [...starts, worker]);
  const places = place(outputs, worker);
  const scripts = new Map();
  for (const [path, { text }] of outputs) {
    const { script, key } = places.get(path);
    const body = await transform(asFunctionBody(text, path, places), {
      target: options.target,
      charset: 'ascii',
      legalComments: 'none',
      minifyWhitespace: true,
      minifySyntax: true,
    });
    const chunk = `${JSON.stringify(key)}(exports){${body.code}}`;
    scripts.set(script, [...(scripts.get(script) ?? []), chunk]);
  }
  return new Map(
    [...scripts].map(([name, parts]) => [
      name,
      `(function(require,__dirname){"use strict";return{${parts.join(',\n')}}})`,
    ]),
  );
}

/**
 * esbuild's chunks by path: each its text, the module where it begins if any, the chunks that it imports, those that it asks
 * for lazily, and the modules of others that are read where polc runs.
 */
async function chunks(options, begins) {
  const entries = new Set(begins);
  for (let known = 0; ; ) {
    known = entries.size;
    const { outputFiles, metafile } = await build({
      ...options,
      plugins: [lazyModules(entries), ...options.plugins],
      // In one order, whichever was met first: two builds at once write into one folder, and chunks go by their numbers.
      entryPoints: [...entries].sort().map((entry) => join(root, entry)),
      absWorkingDir: root,
      outbase: root,
      outdir: join(root, 'build'),
      format: 'esm',
      splitting: true,
      metafile: true,
      write: false,
      // One statement a line, for `asFunctionBody`.
      minifyWhitespace: false,
    });
    // A module that was found to be asked for lazily may ask for others.
    if (entries.size > known) continue;
    return new Map(
      outputFiles.map(({ path, text }) => {
        const { entryPoint, imports } = metafile.outputs[relative(root, path)];
        const needs = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
        const lazy = imports.flatMap(({ kind, path: its, external }) => {
          if (kind === 'dynamic-import') return [join(root, its)];
          // An entry is written to the place of its module, as a script.
          const isOurs = kind === 'require-call' && external && its.startsWith('./');
          return isOurs ? [join(root, 'build', its.replace(/\.ts$/, '.js'))] : [];
        });
        const others = imports.filter((each) => each.external && !each.path.startsWith('./'));
        return [
          path,
          {
            text,
            entryPoint,
            needs: needs.map((each) => join(root, each.path)),
            lazy,
            others: others.map((each) => each.path),
          },
        ];
      }),
    );
  }
}

/** Makes modules that are asked for by `require('./x.ts')` chunks of their own, and notes them in `entries`. */
function lazyModules(entries) {
  return {
    name: 'lazy modules',
    setup({ onResolve }) {
      onResolve({ filter: /^\..*\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'require-call') return undefined;
        const file = relative(root, resolve(resolveDir, path));
        entries.add(file);
        return { path: `./${file}`, external: true };
      });
    },
  };
}

/** The script of each chunk, and its key there. */
function place(outputs, worker) {
  const entries = [...outputs].filter(([, { entryPoint }]) => entryPoint !== undefined);
  const pathOf = new Map(entries.map(([path, { entryPoint }]) => [entryPoint, path]));
  const shared = worker === undefined ? new Set() : everReached(outputs, pathOf.get(worker));
  const neededBy = new Map([...outputs.keys()].map((path) => [path, new Set()]));
  const visit = (path, script) => {
    const scripts = neededBy.get(path);
    if (scripts.has(script)) return;
    scripts.add(script);
    for (const needed of outputs.get(path).needs) visit(needed, script);
  };
  for (const [script, modules] of [common, ...families, server].flatMap((group) => Object.entries(group))) {
    for (const module of modules) {
      const path = pathOf.get(module);
      if (path === undefined) throw new Error(`scripts/command-line.js names ${module}, which nothing loads lazily`);
      pathOf.delete(module);
      visit(path, script);
    }
  }
  // A verb or a table that no script is for has one of its own.
  for (const [module, path] of pathOf) visit(path, withoutSuffix(module).replaceAll('/', '-'));
  const scriptOf = (all) => {
    const others = new Set([...all].filter((name) => !(name in server)));
    const names = others.size === 0 ? all : others;
    const first = (group) => Object.keys(group).find((name) => names.has(name));
    const [ofFamily, ...ofOthers] = families.map(first).filter((name) => name !== undefined);
    const shared = ofOthers.length > 0 ? 'compiler' : ofFamily;
    return first(common) ?? shared ?? first(server) ?? (names.size > 1 ? 'rest' : [...names][0]);
  };
  return new Map(
    [...outputs].map(([path, { entryPoint }], index) => {
      const key = entryPoint === undefined ? String(index) : withoutSuffix(entryPoint);
      return [path, { script: shared.has(path) ? 'shared' : scriptOf(neededBy.get(path)), key }];
    }),
  );
}

/** The chunks that are run from one on, at once or lazily. */
function everReached(outputs, from) {
  const reached = new Set([from]);
  for (const path of reached) {
    const { needs, lazy, others } = outputs.get(path);
    if (others.length > 0) throw new Error(`${path} asks for ${others[0]}, which a worker has not`);
    for (const next of [...needs, ...lazy]) reached.add(next);
  }
  return reached;
}

function withoutSuffix(module) {
  return module.slice(0, -'.ts'.length);
}

/**
 * A chunk, an ES module as esbuild prints it, as the body of a function that is given `exports`. What it imports is taken
 * as it is then: esbuild orders chunks so that those it imports have run, and we export no variable that changes.
 */
function asFunctionBody(text, path, places) {
  const place = (file) => {
    const found = places.get(file);
    if (found === undefined) throw new Error(`${path} asks for ${file}, which is no chunk`);
    return `${found.script}#${found.key}`;
  };
  const target = (specifier) =>
    JSON.stringify(specifier.startsWith('.') ? place(resolve(dirname(path), specifier)) : specifier);
  const lazy = (file) => JSON.stringify(place(join(root, 'build', file.replace(/\.ts$/, '.js'))));
  const body = text
    .replace(
      /^import (?:([\w$]+) from |\* as ([\w$]+) from |\{([^}]*)\} from )?"([^"\n]+)";$/gm,
      (_, whole, all, some, specifier) => {
        const left = whole ?? all ?? some?.replace(/([\w$]+) as ([\w$]+)/g, '$1: $2');
        const pattern = some === undefined ? left : `{${left}}`;
        return `${pattern === undefined ? '' : `const ${pattern} = `}require(${target(specifier)});`;
      },
    )
    .replace(/^export \{([^}]*)\};$/gm, (_, list) =>
      list
        .split(',')
        .map((each) => {
          const [own, exported = own] = each.trim().split(' as ');
          return `exports.${exported} = ${own};`;
        })
        .join('\n'),
    )
    .replace(
      /\bimport\("([^"\n]+)"\)/g,
      (_, specifier) => `Promise.resolve().then(() => require(${target(specifier)}))`,
    )
    .replace(/\b__require\("\.\/([^"\n]+)"\)/g, (_, file) => `require(${lazy(file)})`);
  const left = /^(?:import|export)\b.*$|\bimport\(["'`].*|__require\("\..*/m.exec(body);
  if (left !== null) throw new Error(`${path} has a statement that scripts/command-line.js does not know: ${left[0]}`);
  return body;
}
