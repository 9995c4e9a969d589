import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { compile } from '../../compiler/compile.ts';
import { positionAt } from '../../compiler/source/text.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';
import { isPolicyKind, missingDefinitions, violations } from '../support/naive-crd.ts';

const { test, skip, run } = suite('kuadrant-corpus');
const folder = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'corpus', 'kuadrant');

/** The lines, from 1, at which a resource breaks its CustomResourceDefinition. */
function wrongLines(text: string): readonly number[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const resource = document.toJS();
  if (!isPolicyKind(resource.kind)) return [];
  return violations(resource.kind, resource.spec).map(({ path }) => {
    const around = document.getIn(path.slice(0, -1), true);
    const key = isMap(around)
      ? around.items.map((pair) => pair.key).find((each) => isScalar(each) && each.value === path.at(-1))
      : undefined;
    const node = key ?? document.getIn(path, true);
    return isNode(node) && node.range != null ? lines.linePos(node.range[0]).line : 1;
  });
}

if (!existsSync(folder)) skip('public policies', 'the corpus of public policies is not on this machine');
else if (missingDefinitions !== undefined) skip('public policies', missingDefinitions);
else {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    const wrong = wrongLines(text);
    test(`${wrong.length === 0 ? 'sound' : 'wrong'} ${file}`, () => {
      const { diagnostics, sources } = compile(file, text, hostOf('/nowhere'), { maximumMilliseconds: 0 });
      const source = sources.get(file)!;
      const errors = diagnostics
        .filter(({ severity }) => severity === 'error')
        .map(({ span, message }) => ({ line: positionAt(source, span.start).line + 1, message }));
      if (wrong.length === 0) assert.equal(errors, []);
      // What is missing in a map is told of at its first key, which may stand below the key of the map.
      for (const line of wrong) {
        assert.ok(
          errors.some((each) => Math.abs(each.line - line) <= 1),
          `nothing at line ${line} of ${JSON.stringify(errors)}`,
        );
      }
    });
  }
  test('some are wrong, and some are sound', () => {
    const counts = files.map((file) => wrongLines(readFileSync(join(folder, file), 'utf8')).length);
    assert.ok(counts.filter((count) => count > 0).length >= 5);
    assert.ok(counts.filter((count) => count === 0).length >= 30);
  });
}

run();
