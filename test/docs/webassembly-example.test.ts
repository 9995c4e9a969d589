import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('the JavaScript of docs/webassembly.md');

test('its request is allowed, one past the budget is not, and what is said to be wrong is said', () =>
  withProject(({ folder, polc, write }) => {
    const page = readFileSync('docs/webassembly.md', 'utf8');
    const [asking = '', problem = ''] = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, text]) => text!);
    assert.match(asking, 'spent: 12.5');
    write({ 'p.yaml': readFileSync('examples/platform-tiers.yaml', 'utf8'), 'package.json': '{ "type": "module" }' });
    const built = polc(['build', 'p.yaml', '--emit', 'wasm', '-o', 'dist']);
    assert.is(built.status, 0, built.stderr);
    const [, code = '', said = ''] = /^(.*?); \/\/ (.*)\n$/.exec(problem) ?? [];
    const printing = `console.log(answer & 15, ${code});\n`;
    const [named = ''] = /decisions, explain/.exec(asking) ?? [];
    const ran = (text: string) => {
      write({
        'ask.js': text.replace(named, 'decisions, explain, problems').replaceAll('dist/platform-tiers/', 'dist/p/'),
      });
      return spawnSync(process.execPath, [join(folder, 'ask.js')], { cwd: folder, encoding: 'utf8' });
    };
    const allowed = ran(asking + printing);
    assert.is(allowed.stdout, `allowed { effect: 'allow', rule: 'access/free' }\n1 ${said}\n`, allowed.stderr);
    const refused = ran(asking.replace('spent: 12.5', 'spent: 500') + printing);
    assert.is(refused.stdout, `refused { effect: 'deny', rule: 'request/nobody' }\n2 ${said}\n`, refused.stderr);
  }));

test('it is found to be an ES module as the page says, in a package that is none', () =>
  withProject(({ folder, polc, write }) => {
    const page = readFileSync('docs/webassembly.md', 'utf8');
    const [, asking = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
    const [, line = ''] = /`polc (build examples\/platform-tiers\.yaml [^`]*)`/.exec(page) ?? [];
    write({
      'examples/platform-tiers.yaml': readFileSync('examples/platform-tiers.yaml', 'utf8'),
      'ask.mjs': asking,
      'package.json': '{ "type": "commonjs" }',
    });
    const built = polc(line.split(' '));
    assert.is(built.status, 0, built.stderr);
    const ask = () => spawnSync(process.execPath, ['ask.mjs'], { cwd: folder, encoding: 'utf8' });
    assert.match(ask().stderr, 'SyntaxError');
    write({ 'dist/platform-tiers/wasm/package.json': '{ "type": "module" }' });
    assert.match(ask().stdout, /^allowed /);
    write({
      'dist/platform-tiers/wasm/package.json': '{ "type": "commonjs" }',
      'package.json': '{ "type": "module" }',
    });
    assert.match(ask().stderr, 'SyntaxError');
  }));

run();
