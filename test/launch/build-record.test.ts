// What a build writes into a template, and reads of its builders.

import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parseDocument } from 'yaml';
import { imageLimitsOf } from '../../cli/launch/build/rebuild.ts';
import { statusText } from '../../cli/launch/build/status-text.ts';
import { compile } from '../../compiler/compile.ts';
import { stageTitles } from '../../compiler/dialects/template/lower/script/stages.ts';
import type { BuiltImage, MachineArchitecture } from '../../compiler/ir/obligation.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { estimateText, percentAt, stepMinutes, steps } from '../../runtime/launch/build/estimate.ts';
import { readProgress } from '../../runtime/launch/build/follow.ts';
import { openBuildJournal, readBuildJournal } from '../../runtime/launch/build/journal.ts';
import { clientToken, compilationId, imageName, isCompilationId } from '../../runtime/launch/build/plan.ts';
import { withImages } from '../../runtime/launch/build/record-images.ts';
import { place, planOf, script } from '../support/builds.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { filesHost } from '../support/templates.ts';

const { test, run } = suite('build-record');

const image = (region: string, architecture: MachineArchitecture, digit: string): BuiltImage => ({
  region,
  architecture,
  image: `ami-${digit.repeat(17)}`,
});

const written = (text: string, images: readonly BuiltImage[]) => withImages(sourceText('own.yaml', text), images);

test('images are written where they belong, and all else stays', () => {
  const cases: readonly (readonly [string, readonly BuiltImage[], string | undefined])[] = [
    [
      '# head\nname: own # tail\nbase: ubuntu-22.04\n',
      [image('us-west-2', 'arm64', '1')],
      '# head\nname: own # tail\nbase: ubuntu-22.04\nprecompiled_amis:\n  us-west-2:\n    arm64: "ami-11111111111111111"\n',
    ],
    [
      "name: own\nprecompiled_amis:\n  # the west\n  us-west-2:   # two\n    x86_64: 'ami-22222222222222222' # old\n  eu-west-1: { x86_64: ami-33333333333333333 }\n# end\nbase: ubuntu-22.04\n",
      [
        image('us-west-2', 'x86_64', '4'),
        image('us-west-2', 'arm64', '5'),
        image('eu-west-1', 'arm64', '6'),
        image('us-east-1', 'arm64', '7'),
      ],
      'name: own\nprecompiled_amis:\n  # the west\n  us-west-2:   # two\n    x86_64: \'ami-44444444444444444\' # old\n    arm64: "ami-55555555555555555"\n  eu-west-1: { x86_64: ami-33333333333333333, "arm64": "ami-66666666666666666" }\n  us-east-1:\n    arm64: "ami-77777777777777777"\n# end\nbase: ubuntu-22.04\n',
    ],
    [
      'name: own\nprecompiled_amis: {} # none\n',
      [image('us-west-2', 'arm64', '1')],
      'name: own\nprecompiled_amis: # none\n  us-west-2:\n    arm64: "ami-11111111111111111"\n',
    ],
    [
      'precompiled_amis:\nname: own',
      [image('us-west-2', 'arm64', '1')],
      'precompiled_amis:\n  us-west-2:\n    arm64: "ami-11111111111111111"\nname: own',
    ],
    [
      '{"name": "own", "base": "ubuntu-22.04"}\n',
      [image('us-west-2', 'arm64', '1')],
      '{"name": "own", "base": "ubuntu-22.04", "precompiled_amis": { "us-west-2": { "arm64": "ami-11111111111111111" } }}\n',
    ],
    [
      'name: own\nuser_data: |+\n  echo\n\n',
      [image('us-west-2', 'arm64', '1')],
      'name: own\nuser_data: |+\n  echo\n\nprecompiled_amis:\n  us-west-2:\n    arm64: "ami-11111111111111111"\n',
    ],
    [
      'name: own\r\nbase: x\r\n',
      [image('us-west-2', 'arm64', '1')],
      'name: own\r\nbase: x\r\nprecompiled_amis:\r\n  us-west-2:\r\n    arm64: "ami-11111111111111111"\r\n',
    ],
    ['- a list\n', [image('us-west-2', 'arm64', '1')], undefined],
    ['name: own\nprecompiled_amis: a text\n', [image('us-west-2', 'arm64', '1')], undefined],
    [
      'name: own\n...\n',
      [image('us-west-2', 'arm64', '1')],
      'name: own\nprecompiled_amis:\n  us-west-2:\n    arm64: "ami-11111111111111111"\n...\n',
    ],
    // The anchored map is that of two regions, which would both change.
    [
      'name: own\nprecompiled_amis:\n  us-west-2: &a { arm64: ami-22222222222222222 }\n  eu-west-1: *a\n',
      [image('eu-west-1', 'arm64', '1')],
      undefined,
    ],
  ];
  for (const [text, images, expected] of cases) assert.is(written(text, images), expected, text);
});

test('whatever a template looks like, what it says is what it said and the images, as another parser reads it', () => {
  const regions = ['us-west-2', 'us-east-1', 'eu-west-1'];
  const architectures: readonly MachineArchitecture[] = ['x86_64', 'arm64'];
  const images = fc.uniqueArray(
    fc.record({
      region: fc.constantFrom(...regions),
      architecture: fc.constantFrom(...architectures),
      image: fc.stringMatching(/^ami-[0-9a-f]{17}$/),
    }),
    { minLength: 1, maxLength: 4, selector: ({ region, architecture }) => `${region} ${architecture}` },
  );
  const before = fc.dictionary(
    fc.constantFrom(...regions),
    fc.dictionary(fc.constantFrom(...architectures), fc.stringMatching(/^ami-[0-9a-f]{17}$/), { minKeys: 1 }),
    { minKeys: 1 },
  );
  const style = fc.record({
    indent: fc.constantFrom(1, 2, 4),
    flow: fc.constantFrom('none', 'inner', 'all'),
    comments: fc.boolean(),
    last: fc.boolean(),
    blank: fc.boolean(),
    end: fc.constantFrom('\n', '', '\n\n', '\n# end\n'),
  });
  fc.assert(
    fc.property(images, before, style, (made, there, { indent, flow, comments, last, blank, end }) => {
      const pad = ' '.repeat(indent);
      const comment = comments ? ' # why' : '';
      const block = Object.entries(there).map(([region, entries]) =>
        flow === 'inner'
          ? `${pad}${region}: { ${Object.entries(entries)
              .map(([key, id]) => `${key}: ${id}`)
              .join(', ')} }${comment}`
          : [
              `${pad}${region}:${comment}`,
              ...Object.entries(entries).map(([key, id]) => `${pad}${pad}${key}: "${id}"${comment}`),
            ].join(blank ? '\n\n' : '\n'),
      );
      const own =
        flow === 'all'
          ? `precompiled_amis: ${JSON.stringify(there)}${comment}`
          : `precompiled_amis:${comment}\n${block.join('\n')}`;
      const rest = `name: own${comment}\nbase: ubuntu-22.04\nuser_data: |\n  echo one\n\n  echo two`;
      const text = (last ? `${rest}\n${own}` : `${own}\n${rest}`) + end;
      const result = written(text, made);
      assert.ok(result !== undefined, text);
      const wanted = parseDocument(text).toJS();
      for (const { region, architecture, image: id } of made) {
        wanted.precompiled_amis[region] = { ...wanted.precompiled_amis[region], [architecture]: id };
      }
      // A text to which the end of the file gave its last line feed has it now.
      const actual = parseDocument(result).toJS();
      assert.equal(
        { ...actual, user_data: actual.user_data.trimEnd() },
        { ...wanted, user_data: wanted.user_data.trimEnd() },
      );
      const comments2 = (each: string) => [...each.matchAll(/#.*$/gm)].map(([found]) => found);
      assert.equal(comments2(result), comments2(text));
      assert.is(written(result, made), result, 'again');
    }),
    { numRuns: 300 },
  );
});

test('the progress of a script is read as it is written', () => {
  const text = (stages: string, status: string, output: string) =>
    `${stages}-- polc --\n${status}\n-- polc --\n${output}\n`;
  assert.equal(readProgress(text('', 'status: running', '')), { stage: undefined, over: false, output: '' });
  assert.equal(
    readProgress(text('1/2 Configuring base system\n2/2 Running custom_script\n', 'status: running', 'a\nb')),
    {
      stage: 'Running custom_script',
      over: false,
      output: 'a\nb',
    },
  );
  assert.equal(readProgress(text('1/1 A\nend 100 apt-get install x\n', 'status: error', 'E: x')), {
    stage: 'A',
    end: { status: 100, command: 'apt-get install x' },
    over: true,
    output: 'E: x',
  });
  assert.equal(readProgress(''), { stage: undefined, over: false, output: '' });
});

test('percentages grow from step to step, and end short of the end', () => {
  const plan = planOf([place('us-west-2', 'x86_64'), place('eu-west-1', 'x86_64', { copyFrom: 'us-west-2' })]);
  assert.equal(stageTitles(script), ['Configuring base system', 'Installing system packages', 'Running custom_script']);
  for (const planned of plan.places) {
    let before = -1;
    for (const [title] of stepMinutes(plan, planned)) {
      for (const elapsed of [0, 30_000, 3_600_000]) {
        const percent = percentAt(plan, planned, title, elapsed);
        assert.ok(percent >= before && percent <= 99, `${title} ${elapsed}: ${percent} after ${before}`);
        before = percent;
      }
    }
    assert.ok(before > 90);
  }
  assert.is(percentAt(plan, plan.places[0]!, 'Waiting', 1e9), 0);
  assert.is(percentAt(plan, plan.places[0]!, steps.image, -5), percentAt(plan, plan.places[0]!, steps.image, 0));
  assert.is(estimateText(plan), '25-30 minutes');
});

test('names, ids and tokens keep to what EC2 takes, and two that differ stay different', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.date({ min: new Date('2026-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (name, time, random) => {
        const id = compilationId(name, time.getTime(), random);
        assert.ok(isCompilationId(id) && id.length <= 64, id);
        const plan = planOf([], { id, name });
        const names = [1, 2].flatMap((attempt) =>
          (['x86_64', 'arm64'] as const).map((each) => imageName(plan, each, attempt)),
        );
        for (const each of names) assert.match(each, /^[A-Za-z0-9()[\] ./'@_-]{3,128}$/);
        assert.is(new Set(names).size, 4);
      },
    ),
    { numRuns: 200 },
  );
  const tokens = ['a/x86_64', 'a/arm64', 'b/arm64'].flatMap((at) =>
    [1, 2].flatMap((attempt) =>
      (['run', 'copy'] as const).map((call) => clientToken('id', at as 'a/arm64', attempt, call)),
    ),
  );
  assert.is(new Set(tokens).size, 12);
  for (const token of tokens) assert.match(token, /^[\x21-\x7e]{1,64}$/);
  assert.not.ok(isCompilationId('../x-20261124t093000-0a1b2c3d'));
});

test('a journal whose last line was cut off goes on without it, and any other damage is said', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'journal.jsonl');
    assert.is(readBuildJournal(path), undefined);
    const at = '2026-11-24T09:30:00.000Z';
    const journal = openBuildJournal(path);
    journal.append({ kind: 'begin', plan: planOf([place('us-west-2', 'x86_64')]), at });
    journal.append({ kind: 'run', place: 'us-west-2/x86_64', token: 't', at });
    journal.close();
    const whole = readFileSync(path);
    const first = whole.indexOf('\n') + 1;
    for (let size = first; size < whole.length; size += 7) {
      truncateSync(path, size);
      assert.is(readBuildJournal(path)?.length, 1, `${size} bytes`);
      const again = openBuildJournal(path);
      again.append({ kind: 'swept', at });
      again.close();
      assert.equal(
        readBuildJournal(path)?.map(({ kind }) => kind),
        ['begin', 'swept'],
      );
      writeFileSync(path, whole);
    }
    appendFileSync(path, '{"kind":"started","at":"x","place":"a"}\n');
    assert.throws(() => readBuildJournal(path), 'line 3 is no record of this version of polc');
  });
});

test('what an institution says of the age and the scan of images is what `status` looks for', () => {
  const text = `institution:
  name: uni
  images: { max_age_days: 30, passed_scan: true, newest_base: true }
profile:
  name: p
`;
  const limitsOf = (source: string) => {
    const { lowered, diagnostics } = compile('p.yaml', source, filesHost(new Map()), { emit: ['ir'] });
    assert.equal(
      diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
    return lowered === undefined ? undefined : imageLimitsOf(lowered);
  };
  assert.equal(limitsOf(text), { maxAgeDays: 30, passedScan: true });
  assert.equal(limitsOf(text.replace(/ {2}images:.*\n/, '')), { passedScan: false });
});

test("the seed's transcript of a status is what is printed", () => {
  const at = (region: string, architecture: MachineArchitecture, percent: number, stage: string) => ({
    region,
    architecture,
    status: 'in-progress' as const,
    signed: false,
    stage,
    percent,
  });
  const text = statusText({
    id: 'python-ml-20240115t103000-0a1b2c3d',
    template: 'python-ml',
    file: '/templates/python-ml.yaml',
    startedAt: Date.parse('2024-01-15T10:30:00Z'),
    status: 'in-progress',
    places: [
      { ...at('us-west-2', 'x86_64', 100, 'Complete'), status: 'complete', image: 'ami-0abc123def456789a' },
      at('us-west-2', 'arm64', 85, 'Installing conda packages'),
      at('eu-west-1', 'x86_64', 45, 'Installing system packages'),
      at('eu-west-1', 'arm64', 30, 'Configuring base system'),
    ],
    minutesLeft: 15,
  });
  assert.is(
    text,
    `Compilation Status: In Progress
Started: 2024-01-15 10:30:00 UTC
Progress:
  ✓ us-west-2 (x86_64): ami-0abc123def456789a - Complete
  ⏳ us-west-2 (arm64): 85% - Installing conda packages
  ⏳ eu-west-1 (x86_64): 45% - Installing system packages
  ⏳ eu-west-1 (arm64): 30% - Configuring base system
Estimated completion: 15-20 minutes
Compilation: python-ml-20240115t103000-0a1b2c3d
`,
  );
});

run();
