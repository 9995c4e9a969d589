// vscode-extension/syntaxes/*.json: the TextMate grammars, from the tokens of CEL, argument rules and hook programs in grammars/ and
// from the keys whose values are expressions in the shapes of the dialects.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The languages that are embedded in policies, by what the shapes call them. */
const languages = {
  cel: { name: 'CEL in policies', scopeName: 'source.polc.cel', suffix: 'cel' },
  'argument-rule': {
    name: 'Argument rules in policies',
    scopeName: 'source.polc.argument-rule',
    suffix: 'argument-rule',
  },
};

/** The language of files of its own, `*.bpf`. */
const hookPrograms = { name: 'polc hook program', scopeName: 'source.polc.hook-program', suffix: 'hook-program' };

/** One generator a grammar. */
export const textMateGrammars = [
  ...Object.entries(languages).map(([means, language]) => ({
    output: `vscode-extension/syntaxes/${language.suffix}.tmLanguage.json`,
    missing: () => undefined,
    generate: () => written(embedded(language, sources().tokens[means])),
  })),
  {
    output: 'vscode-extension/syntaxes/hook-program.tmLanguage.json',
    missing: () => undefined,
    generate: () => written(embedded(hookPrograms, sources().tokens['hook-program'])),
  },
  {
    output: 'vscode-extension/syntaxes/polc.tmLanguage.json',
    missing: () => undefined,
    generate: () => written(policies(keysOf(sources().dialects))),
  },
];

function written(grammar) {
  return `${JSON.stringify({ comment: 'Generated from grammars/ by `npm run generate`.', ...grammar }, null, 2)}\n`;
}

/** A pattern a token, in their order. */
function embedded({ name, scopeName, suffix }, tokens) {
  const patterns = tokens
    .filter(({ scope }) => scope !== undefined)
    .map(({ pattern, scope }) => ({
      match: typeof pattern === 'string' ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : pattern.source,
      name: `${scope}.${suffix}`,
    }));
  // What is called stands before its parenthesis.
  if (suffix === 'cel') patterns.unshift({ match: '[A-Za-z_][A-Za-z0-9_]*(?=\\()', name: 'support.function.cel' });
  if (suffix === 'hook-program') patterns.splice(-1, 0, ...namesOfHookPrograms);
  return { name, scopeName, patterns };
}

/** What a name is: a hook or a counter where it is given, a constant in capitals, else a field. */
const namesOfHookPrograms = [
  { match: '(?<=\\bhook[ \\t])[A-Za-z_][A-Za-z0-9_]*', name: 'entity.name.function.hook-program' },
  { match: '(?<=\\bcounter[ \\t])[A-Za-z_][A-Za-z0-9_]*', name: 'entity.name.variable.hook-program' },
  { match: '\\b[A-Z][A-Z0-9_]*\\b', name: 'constant.other.hook-program' },
];

/**
 * YAML with the expressions that are the values of such keys. The YAML is our own: in VS Code's grammar, what is injected
 * never sees the beginning of a line, and so cannot tell where a value ends that goes on over several.
 */
function policies(keys) {
  const expressions = Object.entries(languages).flatMap(([means, { scopeName, suffix }]) =>
    keys[means] === undefined ? [] : values(keys[means].join('|'), scopeName, `meta.embedded.inline.${suffix}`),
  );
  const includes = (...names) => names.map((name) => ({ include: `#${name}` }));
  const flow = (name, begin, end) => ({
    begin: `\\${begin}`,
    beginCaptures: { 0: { name: `punctuation.definition.${name}.begin.yaml` } },
    end: `\\${end}`,
    endCaptures: { 0: { name: `punctuation.definition.${name}.end.yaml` } },
    name: `meta.flow-${name}.yaml`,
    patterns: includes('comment', 'flow-expression', 'key', 'quoted', 'flow', 'node', 'separator', 'flow-plain'),
  });
  return {
    name: 'polc policy',
    scopeName: 'source.yaml.polc',
    patterns: includes('document', 'expression', 'block', 'comment', 'dash', 'key', 'quoted', 'flow', 'node', 'plain'),
    repository: {
      document: { match: '^(?:---|\\.\\.\\.)(?=\\s|$)', name: 'entity.other.document.begin.yaml' },
      expression: { patterns: expressions.filter(({ match }) => match === undefined || !match.startsWith('(?<=')) },
      'flow-expression': { patterns: expressions.filter(({ match }) => match !== undefined) },
      block: {
        patterns: [
          ...places.map(([before, below]) => block(`${before}(${plainKey})(:)[ \\t]+`, below)),
          block('^( *)-()()[ \\t]+', places[0][1]),
        ],
      },
      comment: { match: '(?:^|(?<=[ \\t]))#.*$', name: 'comment.line.number-sign.yaml' },
      dash: { match: '(?:^|(?<=[ \\t]))-(?=\\s|$)', name: 'punctuation.definition.block.sequence.item.yaml' },
      key: { match: `(${plainKey}|"(?:\\\\.|[^"\\\\])*"|'(?:''|[^'])*')(:)(?=\\s|$)`, captures: key(1) },
      quoted: {
        patterns: [
          {
            begin: '"',
            end: '"',
            name: 'string.quoted.double.yaml',
            patterns: [{ match: escapes, name: 'constant.character.escape.yaml' }],
          },
          {
            begin: "'",
            end: "'(?!')",
            name: 'string.quoted.single.yaml',
            patterns: [{ match: "''", name: 'constant.character.escape.yaml' }],
          },
        ],
      },
      flow: { patterns: [flow('sequence', '[', ']'), flow('mapping', '{', '}')] },
      node: {
        patterns: [
          { match: '&[^\\s,\\[\\]{}]+', name: 'entity.name.type.anchor.yaml' },
          { match: '\\*[^\\s,\\[\\]{}]+', name: 'variable.other.alias.yaml' },
          { match: '![^\\s,\\[\\]{}]*', name: 'storage.type.tag-handle.yaml' },
        ],
      },
      separator: { match: ',', name: 'punctuation.separator.yaml' },
      plain: plain('(?:[^:#\\r\\n]|:(?=\\S)|(?<=\\S)#)*'),
      'flow-plain': plain('(?:[^:#,\\[\\]{}\\r\\n]|:(?=[^\\s,\\[\\]{}])|(?<=\\S)#)*'),
    },
  };
}

const plainKey = '[A-Za-z_][\\w.@/$*-]*(?: [\\w.@/$*-]+)*';
const escapes = '\\\\(?:x\\h{2}|u\\h{4}|U\\h{8}|.)';

function key(from) {
  return {
    [from]: { name: 'entity.name.tag.yaml' },
    [from + 1]: { name: 'punctuation.separator.key-value.mapping.yaml' },
  };
}

/** A text in lines of its own. */
function block(before, below) {
  return {
    begin: `${before}([|>][-+0-9]*)[ \\t]*(#.*)?$`,
    beginCaptures: {
      ...key(2),
      4: { name: 'keyword.control.flow.block-scalar.yaml' },
      5: { name: 'comment.line.number-sign.yaml' },
    },
    while: below,
    contentName: 'string.unquoted.block.yaml',
  };
}

/** A text without quotes, up to where such a text ends. */
function plain(rest) {
  const end = '(?=[ \\t]*(?:$|[,\\]}]|[ \\t]#))';
  return {
    patterns: [
      { match: `(?:true|false|null|~)${end}`, name: 'constant.language.yaml' },
      { match: `[-+]?[0-9][0-9_.]*${end}`, name: 'constant.numeric.yaml' },
      { match: `[^\\s\\[\\]{},"'#&*!|>%@\`-]${rest}|-(?=\\S)${rest}`, name: 'string.unquoted.plain.yaml' },
    ],
  };
}

// What continues a value is further in than its key, which stands behind a dash in the first line of a list's item.
const places = [
  ['^( *)', '^(?=\\1 +\\S|\\s*$)'],
  ['^( *)- +', '^(?=\\1   +\\S|\\s*$)'],
];

/** The ways in which a value may be written: as a block, in quotes, plain on its line and the next ones, and in a flow. */
function values(keys, language, scope) {
  const include = [{ include: language }];
  const quoted = (quote, body, patterns, name) => ({
    match: `\\b(${keys})(:)[ \\t]+(${quote})(${body})(${quote})`,
    captures: {
      ...key(1),
      3: { name: 'punctuation.definition.string.begin.yaml' },
      4: { name: `${scope} ${name}`, patterns },
      5: { name: 'punctuation.definition.string.end.yaml' },
    },
  });
  return [
    ...places.map(([before, below]) => ({
      ...block(`${before}(${keys})(:)[ \\t]+`, below),
      contentName: scope,
      patterns: include,
    })),
    quoted(
      '"',
      '(?:\\\\.|[^"\\\\])*',
      [{ match: escapes, name: 'constant.character.escape.yaml' }, ...include],
      'string',
    ),
    quoted("'", "(?:''|[^'])*", [{ match: "''", name: 'constant.character.escape.yaml' }, ...include], 'string'),
    ...places.map(([before, below]) => ({
      begin: `${before}(${keys})(:)[ \\t]+(?=[^\\s|>"'\\[{&*!#])`,
      beginCaptures: key(2),
      while: below,
      contentName: scope,
      patterns: [{ match: '[ \\t]#.*$', name: 'comment.line.number-sign.yaml' }, ...include],
    })),
    {
      match: `(?<=[{, ])(${keys})(:)[ \\t]+((?!["'\\[{])[^,{}]*)`,
      captures: { ...key(1), 3: { name: scope, patterns: include } },
    },
  ];
}

/** The keys that have expressions as values wherever a shape has them with a scalar, by language. */
function keysOf(dialects) {
  const found = new Map();
  const seen = new Set();
  const scalars = (each) => (each.kind === 'one-of' ? each.alternatives.flatMap(scalars) : [each]).filter(isScalar);
  const walk = (each) => {
    if (each === undefined || seen.has(each)) return;
    seen.add(each);
    if (each.kind === 'list') walk(each.item);
    if (each.kind === 'mapping') walk(each.values);
    if (each.kind === 'one-of') each.alternatives.forEach(walk);
    if (each.kind !== 'object') return;
    for (const [name, { description }] of Object.entries(each.fields)) {
      const known = found.get(name) ?? new Set();
      for (const { means } of scalars(description)) known.add(means);
      found.set(name, known);
      walk(description);
    }
  };
  for (const { description } of dialects) walk(description);
  const keys = {};
  for (const [name, means] of [...found].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const [only, ...others] = means;
    if (others.length === 0 && languages[only] !== undefined) keys[only] = [...(keys[only] ?? []), name];
  }
  return keys;
}

function isScalar({ kind }) {
  return kind !== 'list' && kind !== 'mapping' && kind !== 'object' && kind !== 'one-of';
}

let loaded;

function sources() {
  loaded ??= runInNewContext(
    `${
      buildSync({
        stdin: {
          contents: `export { dialects } from './compiler/dialects/index.ts';
            import { tokens as cel } from './grammars/cel/tokens.ts';
            import { tokens as argumentRule } from './grammars/argument-rules/tokens.ts';
            import { tokens as hookProgram } from './grammars/hook-programs/tokens.ts';
            export const tokens = { cel, 'argument-rule': argumentRule, 'hook-program': hookProgram };`,
          resolveDir: root,
          loader: 'ts',
        },
        bundle: true,
        write: false,
        format: 'iife',
        globalName: 'sources',
        platform: 'neutral',
        mainFields: ['module', 'main'],
      }).outputFiles[0].text
    }; sources`,
    { TextEncoder, TextDecoder },
  );
  return loaded;
}
