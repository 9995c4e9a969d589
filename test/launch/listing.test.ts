import { cpSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openCompilation, writePlan } from '../../runtime/launch/build/compilations.ts';
import { place, planOf, worldOf } from '../support/builds.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { suite } from '../support/harness.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';

const { test, run } = suite('launch-listing');
const fixtures = join(process.env.POLC_ROOT ?? '.', 'test/fixtures/launch-transcripts');

/** A project with the templates of a case, and the lines of the seed's transcript with single blanks. */
function begin(project: ProjectFolder, name: string) {
  cpSync(join(fixtures, name), join(project.folder, 'templates'), { recursive: true });
  const transcript = readFileSync(join(fixtures, name, 'transcript.txt'), 'utf8');
  unlinkSync(join(project.folder, 'templates/transcript.txt'));
  const env = { XDG_CONFIG_HOME: join(project.folder, 'config'), XDG_STATE_HOME: join(project.folder, 'state') };
  return { polc: (...words: string[]) => project.polc(words, { env }), lines: linesOf(transcript), env };
}

function linesOf(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '));
}

test('templates are listed as seed 000 shows them, one that is being built with its time', async () => {
  await withProject((project) => {
    const { polc, lines, env } = begin(project, 'template-list');
    const builds = join(env.XDG_STATE_HOME, 'polc/builds');
    mkdirSync(builds, { recursive: true });
    const cloud = new FakeCloud();
    cloud.time = Date.now();
    const plan = planOf([place('us-west-2', 'x86_64')], {
      id: 'r-research-compiled-20261124t093000-0a1b2c3d',
      template: 'r-research-compiled',
      file: join(project.folder, 'templates/r-research-compiled.yaml'),
    });
    writePlan(builds, plan, cloud.time);
    const building = openCompilation(builds, plan.id, worldOf(cloud));
    if (typeof building === 'string') throw new Error(`the compilation is ${building}`);
    const status = (of: string) => {
      const { templates } = JSON.parse(polc('template', 'list', '--format', 'json').stdout);
      return templates.find(({ name }: { name: string }) => name === of).status;
    };
    try {
      const shown = polc('templates', 'list');
      assert.is(shown.status, 0, shown.stderr);
      const withoutSource = linesOf(shown.stdout).map((line) => line.replace(/ (SOURCE|personal)$/, ''));
      const anyTime = (line: string) => line.replace(/ETA: \d+ minutes/, 'ETA: N minutes');
      assert.equal(withoutSource.map(anyTime), lines.map(anyTime));
      assert.match(shown.stdout, /ETA: \d+ minutes/);
      assert.is(status('r-research-compiled'), 'building');
    } finally {
      building.close();
    }
    // Nobody works on it any more.
    assert.is(status('r-research-compiled'), 'build interrupted');
  });
});

test('the information on a template is that of seed 000, line by line', async () => {
  await withProject((project) => {
    const { polc, lines } = begin(project, 'template-info');
    const shown = polc('templates', 'info', 'python-ml-compiled');
    assert.is(shown.status, 0, shown.stderr);
    assert.equal(linesOf(shown.stdout).slice(0, lines.length), lines);
    assert.match(shown.stdout, /^Inherits: python-ml$/m);
    const fields = JSON.parse(polc('template', 'info', 'python-ml-compiled', '--format', 'json').stdout);
    assert.is(fields.amis['us-east-1'].arm64, 'ami-0789012def345abc4');
    assert.is(fields.source_template, 'python-ml');
    assert.is(polc('template', 'info', 'templates/python-ml.yaml').status, 0);
    const unknown = polc('template', 'info', 'python-m');
    assert.is(unknown.status, 2);
    assert.match(unknown.stderr, /did you mean `python-ml`/);
  });
});

test('a template that is wrong is listed as such and hides no other', async () => {
  await withProject((project) => {
    const { polc } = begin(project, 'template-info');
    project.write({ 'templates/broken.yaml': 'name: Broken\nbase: ubuntu-2\n', 'templates/notes.yaml': 'a: 1\n' });
    const shown = polc('template', 'list');
    assert.is(shown.status, 1);
    assert.match(shown.stdout, /^broken +source +wrong/m);
    assert.match(shown.stdout, /^python-ml-compiled +compiled +ready +~30 seconds/m);
    assert.not.match(shown.stdout, /notes/);
    assert.match(shown.stderr, /POL3200/);
    assert.is(polc('template', 'info', 'broken').status, 1);
  });
});

test('a profile refuses templates and what others build on when they are resolved', async () => {
  await withProject((project) => {
    const { polc } = begin(project, 'template-info');
    project.write({ 'templates/lab.yaml': 'name: Lab\ninherits: [python-ml]\n' });
    assert.is(polc('profile', 'create', 'open', '--template-whitelist', 'python-*').status, 0);
    assert.is(polc('template', 'info', 'python-ml-compiled', '--profile', 'open').status, 0);
    assert.is(polc('profile', 'create', 'one', '--template-whitelist', 'lab,python-ml-compiled', '--use').status, 0);
    // Its own name is enough for what is the image of another template: one of both is on the list.
    assert.is(polc('template', 'info', 'python-ml-compiled').status, 0);
    // The one in use counts without being named.
    const refused = polc('template', 'info', 'lab');
    assert.is(refused.status, 4);
    assert.match(refused.stdout, /✗ It builds on 'python-ml', which is not allowed for this profile/);
    const fields = JSON.parse(polc('template', 'info', 'python-ml', '--format', 'json').stdout);
    assert.equal(
      fields.profile.refused.map(({ template }: { template: string }) => template),
      ['python-ml'],
    );
  });
});

test('source, signature, classification and promises are refused when a template is resolved too', async () => {
  await withProject((project) => {
    const { polc } = begin(project, 'template-info');
    const classified = (name: string, more: string) =>
      `name: ${name}\nbase: ubuntu-22.04\npolicy_metadata: { data_classification: ${more} }\n`;
    project.write({
      'polc.config.yaml': 'templates: { institutional: it, external: elsewhere }\n',
      'it/unsigned.yaml': classified('Unsigned', 'internal'),
      'elsewhere/gpu.yaml': classified('GPU', 'restricted'),
      'elsewhere/silent.yaml': 'name: Silent\nbase: ubuntu-22.04\n',
      'strict.yaml': `institution:
  name: University
  allowed_sources: [institutional]
  required_signature: true
  trusted_authorities: [University IT]
  compliance_frameworks: [FERPA]
profile: { name: physics, clearance: internal }
`,
    });
    const refused = (name: string) => {
      const { status, stdout } = polc('template', 'info', name, '--profile', 'strict.yaml', '--format', 'json');
      const { profile } = JSON.parse(stdout);
      return [status, ...profile.refused.map(({ reason }: { reason: string }) => reason).sort()];
    };
    const unsigned = ['it is not made for `FERPA`', 'it is not signed'];
    const trusted = 'no authority that is trusted has signed it';
    assert.equal(refused('unsigned'), [4, ...unsigned, 'its source needs a signature that counts', trusted]);
    const above = 'its classification is not one that the profile may see';
    assert.equal(refused('gpu'), [4, ...unsigned, above, above, 'its source `external` is not allowed', trusted]);
    assert.equal(refused('silent'), [4, ...unsigned, above, above, 'its source `external` is not allowed', trusted]);
    const built = polc('template', 'build', 'unsigned', '--regions', 'us-west-2', '--profile', 'strict.yaml');
    assert.is(built.status, 4, built.stderr);
    assert.match(built.stderr, /POL8351.*`unsigned` may not be built under the profile `physics`: it is not signed/);
    // Signed by whom the institution trusts, and with its promise.
    project.write({
      'it/signed.yaml': classified('Signed', 'internal, compliance_frameworks: [FERPA]'),
    });
    assert.is(polc('keys', 'generate', 'it', '--authority', 'University IT').status, 0);
    assert.is(polc('template', 'sign', 'it/signed.yaml').status, 0);
    assert.equal(refused('signed'), [0]);
  });
});

run();
