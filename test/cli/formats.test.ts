import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, smallPolicy, withProject } from '../support/polc-process.ts';

const { test, run } = suite('formats as a process');

const files = {
  'a.yaml': smallPolicy('a'),
  'b.yaml': smallPolicy('b').replace('"@file-system"', 'wirte, "<&>"'),
};

/** Tags in pairs, attributes quoted, entities known: what a reader of XML minds first. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replace(/^<\?xml [^?]*\?>\n/, '').replace(/<([^>]*)>/g, (_, tag: string) => {
    const close = /^\/([\w-]+)$/.exec(tag);
    const start = /^([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)$/.exec(tag);
    if (close !== null) assert.is(open.pop(), close[1]);
    else if (start?.[3] === '') open.push(start[1]!);
    else assert.ok(start, tag);
    return start?.[2] ?? '';
  });
  assert.equal(open, []);
  assert.not.match(rest.replace(/&(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);/gi, ''), /[&<>]/);
}

test('json and sarif parse and say what the pretty form says; the code is the same', () =>
  withProject(({ write, polc }) => {
    write(files);
    const pretty = polc(['check', ...calm]);
    assert.is(pretty.status, 1);
    assert.is(pretty.stdout, '2 policies checked · 2 errors\n');
    assert.match(pretty.stderr, /^error\[POL3002\]: unknown syscall `wirte`\n {2}--> b\.yaml:6:29\n/);
    const codes = [...pretty.stderr.matchAll(/^\w+\[(POL\d+)\]/gm)].map((match) => match[1]);
    assert.is(codes.length, 2);
    for (const verb of ['check', 'build']) {
      const json = polc([verb, '--format', 'json', ...calm]);
      assert.equal([json.status, json.stderr], [1, '']);
      const document = JSON.parse(json.stdout);
      assert.is(document.version, 1);
      assert.equal(
        document.diagnostics.map((each: { code: string }) => each.code),
        codes,
      );
      const { span, severity, fixes } = document.diagnostics[0];
      assert.equal([span.file, span.start.line, span.start.column, severity], ['b.yaml', 6, 29, 'error']);
      assert.is(fixes[0].edits[0].newText, 'write');
    }
    const { stdout, status } = polc(['check', '--format', 'sarif', ...calm]);
    assert.is(status, 1);
    const sarif = JSON.parse(stdout);
    assert.is(sarif.version, '2.1.0');
    assert.is(sarif.runs.length, 1);
    const [{ tool, results }] = sarif.runs;
    assert.is(tool.driver.name, 'polc');
    assert.equal(
      results.map((each: { ruleId: string }) => each.ruleId),
      codes,
    );
    for (const result of results) {
      assert.is(tool.driver.rules[result.ruleIndex].id, result.ruleId);
      assert.is(result.level, 'error');
      assert.ok(result.message.text.length > 0);
      const { artifactLocation, region } = result.locations[0].physicalLocation;
      assert.equal([artifactLocation.uri, region.startLine], ['b.yaml', 6]);
    }
  }));

test('junit is well-formed and counts the good files; github gives one command a finding', () =>
  withProject(({ write, polc }) => {
    write(files);
    const junit = polc(['check', '--format', 'junit', ...calm]);
    assert.is(junit.status, 1);
    assertWellFormed(junit.stdout);
    assert.match(junit.stdout, /<testsuites name="polc" tests="3" failures="2" errors="0">/);
    assert.match(junit.stdout, /<testsuite name="a\.yaml" tests="1" failures="0"/);
    assert.match(junit.stdout, /&lt;&amp;&gt;/);
    const github = polc(['check', '--format', 'github', ...calm]);
    const lines = github.stdout.trimEnd().split('\n');
    assert.is(lines.length, 2);
    for (const line of lines) assert.match(line, /^::error file=b\.yaml,line=6,col=\d+,.*title=POL\d+%3A .*::./);
  }));

test('without findings each machine form is empty but whole', () =>
  withProject(({ write, polc }) => {
    write({ 'a.yaml': smallPolicy('a') });
    const printed = (format: string) => polc(['check', '--format', format, ...calm]).stdout;
    assert.equal(JSON.parse(printed('json')), { version: 1, diagnostics: [] });
    assert.equal(JSON.parse(printed('sarif')).runs[0].results, []);
    assertWellFormed(printed('junit'));
    assert.is(printed('github'), '');
  }));

test('a reader that goes away ends the output quietly', () =>
  withProject(async ({ write, start }) => {
    const names = Array.from({ length: 2000 }, (_, index) => `nothing_${index}`).join(', ');
    write({ 'a.yaml': smallPolicy('a').replace('"@file-system"', names) });
    const child = start(['check', '--format', 'json', ...calm]);
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    child.stdout?.destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal([code, errors], [1, '']);
  }));

run();
