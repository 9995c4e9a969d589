// What a compilation decides before it begins, against what the compiler emits for the same template.
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { readMetadata } from '../../compiler/images/read-metadata.ts';
import { imageTags } from '../../compiler/images/write-tags.ts';
import { makePlan, type WantedBuild } from '../../runtime/launch/build/make-plan.ts';
import { compilationTag, placeName } from '../../runtime/launch/build/plan.ts';
import { readSignedTemplate } from '../../runtime/signing/template.ts';
import { template } from '../support/build-service.ts';
import { sha256 } from '../support/builds.ts';
import { suite } from '../support/harness.ts';
import { filesHost } from '../support/templates.ts';

const { test, run } = suite('build-plan');

const nothing: WantedBuild = {
  regions: [],
  architectures: [],
  builders: [],
  subnets: [],
  securityGroups: [],
  scriptLimit: 60_000,
};

const host = { ...filesHost(new Map()), sha256: (content: Uint8Array | string) => sha256(String(content)) };

function planned(text: string, wanted: Partial<WantedBuild> = {}) {
  const { lowered, files, diagnostics } = compile('/own.yaml', text, host, { maximumMilliseconds: 0 });
  const signed = readSignedTemplate('/own.yaml', text, host).template;
  if (lowered === undefined || signed === undefined)
    throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const made = makePlan(
    { file: '/own.yaml', policy: lowered, content: signed.content },
    { ...nothing, ...wanted },
    { now: Date.parse('2026-11-24T09:30:00Z'), random: new Uint8Array([10, 27, 44, 61]), sha256 },
  );
  return { made, files };
}

function planOf(text: string, wanted: Partial<WantedBuild> = {}) {
  const { made } = planned(text, wanted);
  if ('diagnostics' in made) throw new Error(made.diagnostics.map(({ message }) => message).join('\n'));
  return made.plan;
}

const withRegions = (regions: string, more = '') =>
  template.replace('regions: [us-west-2]', `regions: [${regions}]${more}`);

test('images, scripts and tags are those that the compiler emits', () => {
  const text = withRegions('us-west-2, eu-west-1');
  const { made, files } = planned(text);
  if ('diagnostics' in made) throw new Error(made.diagnostics[0]?.message);
  const { plan } = made;
  const emitted = (end: string) => {
    const content = files.find(({ path }) => path.endsWith(end))?.content;
    return content === undefined ? '' : Buffer.from(content).toString();
  };
  assert.is(plan.script, emitted('ami/user-data.sh'));
  const { images } = JSON.parse(emitted('ami/plan.json'));
  const placesOf = (list: typeof plan.places) =>
    list.map((each) => [each.region, each.architecture, each.base, each.builder]);
  assert.equal(new Set(placesOf(plan.places).map(String)), new Set(placesOf(images).map(String)));
  for (const place of plan.places) {
    const reading = readMetadata(place.metadata);
    if ('problem' in reading) throw new Error(reading.problem);
    const tags = Object.fromEntries([...(imageTags(reading.metadata, sha256) ?? []), ...plan.tags]);
    assert.equal(tags, JSON.parse(emitted(`ami/tags/${placeName(place)}.json`)));
    assert.not.ok(compilationTag in tags);
  }
  assert.is(plan.id, 'python-basic-20261124t093000-0a1b2c3d');
});

test('the command line takes the place of what the template says', () => {
  const places = (wanted: Partial<WantedBuild>, text = template) =>
    planOf(text, wanted).places.map((each) => [placeName(each), each.builder, each.copyFrom ?? '-'].join(' '));
  assert.equal(places({}), ['us-west-2/arm64 t4g.large -', 'us-west-2/x86_64 t3.large -']);
  assert.equal(places({ regions: ['eu-west-1', 'ap-south-1'], architectures: ['x86_64'] }), [
    'ap-south-1/x86_64 t3.large -',
    'eu-west-1/x86_64 t3.large -',
  ]);
  assert.equal(places({ builders: ['c7g.xlarge'] }), ['us-west-2/arm64 c7g.xlarge -']);
  assert.equal(places({ builders: ['c7g.xlarge', 'm5.large'] }), [
    'us-west-2/arm64 c7g.xlarge -',
    'us-west-2/x86_64 m5.large -',
  ]);
  assert.equal(places({ regions: ['eu-west-1', 'us-west-2'], copyFrom: 'us-west-2', architectures: ['arm64'] }), [
    'eu-west-1/arm64 t4g.large us-west-2',
    'us-west-2/arm64 t4g.large -',
  ]);
  const plain = 'name: plain\nbase: ubuntu-22.04\n';
  assert.equal(places({ regions: ['us-west-2'] }, plain), ['us-west-2/x86_64 t3.large -']);
  assert.equal(places({ regions: ['us-west-2'] }, `${plain}instance_defaults: { type: t4g.small }\n`), [
    'us-west-2/arm64 t4g.large -',
  ]);
  const networks = planOf(template, {
    regions: ['us-west-2', 'eu-west-1'],
    architectures: ['x86_64'],
    subnets: ['us-west-2=subnet-1'],
    securityGroups: ['eu-west-1=sg-1', 'eu-west-1=sg-2'],
  }).places;
  assert.equal(
    networks.map(({ region, subnet, securityGroups }) => [region, subnet, securityGroups]),
    [
      ['eu-west-1', undefined, ['sg-1', 'sg-2']],
      ['us-west-2', 'subnet-1', undefined],
    ],
  );
});

test('images by their ids are built where they are, and a multi-Region key is one in each', () => {
  const mrk = 'arn:aws:kms:us-west-2:123456789012:key/mrk-0123456789abcdef0123456789abcdef';
  const keyed = withRegions('us-west-2, eu-west-1', `\n  kms_key: "${mrk}"`);
  assert.equal(
    planOf(keyed, { architectures: ['x86_64'] }).places.map(({ key, encrypted }) => [key, encrypted]),
    [
      [mrk.replace('us-west-2', 'eu-west-1'), true],
      [mrk, true],
    ],
  );
  const single = keyed.replace('mrk-0123456789abcdef0123456789abcdef', '0a1b2c3d-0000-4000-8000-000000000000');
  const { made } = planned(single);
  assert.match('diagnostics' in made ? (made.diagnostics[0]?.message ?? '') : '', 'encrypts in another region');
  const byId = `name: own
base: ami-based
ami_config: { amis: { us-west-2: { x86_64: ami-0123456789abcdef0 } } }
`;
  assert.equal(planOf(byId, { regions: ['us-west-2'] }).places[0]?.base, {
    kind: 'image',
    id: 'ami-0123456789abcdef0',
  });
  const elsewhere = planned(byId, { regions: ['eu-west-1'] }).made;
  assert.match('diagnostics' in elsewhere ? (elsewhere.diagnostics[0]?.code ?? '') : '', 'POL6100');
  // Only where it is built a base image is needed.
  const copied = planOf(byId, { regions: ['us-west-2', 'eu-west-1'], copyFrom: 'us-west-2' }).places;
  assert.equal(
    copied.map(({ region, copyFrom }) => [region, copyFrom]),
    [
      ['eu-west-1', 'us-west-2'],
      ['us-west-2', undefined],
    ],
  );
});

test('recording images makes no other template of it, and anything else does', () => {
  const before = planOf(template).content;
  const recorded = `${template}precompiled_amis: { us-west-2: { x86_64: ami-0123456789abcdef0 } }\n`;
  assert.is(planOf(recorded).content, before);
  assert.is(planOf(`# a comment\n${template}`).content, before);
  assert.is.not(planOf(template.replace('[git]', '[git, vim]')).content, before);
});

run();
