import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';

const { test, run } = suite('launch-library');

const template = (name: string, more = '') => `name: ${name}\nbase: ubuntu-22.04\n${more}`;

function infoOf(project: ProjectFolder, ...words: string[]) {
  const env = { XDG_CONFIG_HOME: join(project.folder, 'config'), XDG_STATE_HOME: join(project.folder, 'state') };
  const { status, stdout, stderr } = project.polc(['template', 'info', '--format', 'json', ...words], { env });
  return { status, stderr, fields: stdout === '' ? undefined : JSON.parse(stdout) };
}

test('the folder decides the source; of one name the source that answers for more counts', async () => {
  await withProject((project) => {
    project.write({
      'polc.config.yaml': 'templates:\n  personal: [mine, also-mine]\n  institutional: it\n  pi_lab: [it/lab]\n',
      'mine/python.yaml': template('Mine'),
      'also-mine/only.yaml': template('Only Mine'),
      'it/python.yaml': template('Of IT'),
      'it/lab/gpu.yaml': template('GPU', 'slug: gpu-lab\n'),
      'elsewhere/other.yaml': template('Other'),
    });
    const python = infoOf(project, 'python');
    assert.is(python.status, 0, python.stderr);
    assert.is(python.fields.title, 'Of IT');
    assert.is(python.fields.source, 'institutional');
    // Not signed, it is from nowhere that anybody answers for.
    assert.is(python.fields.source_counts, false);
    assert.is(infoOf(project, 'Mine').fields.source, 'personal');
    assert.is(infoOf(project, 'only').fields.source_counts, true);
    // The inner folder is the one that a template is in.
    assert.is(infoOf(project, 'gpu-lab').fields.source, 'pi_lab');
    assert.is(infoOf(project, 'gpu-lab').fields.path, 'it/lab/gpu.yaml');
    // Below no folder of the library a template is of no source, which institutions refuse.
    assert.is(infoOf(project, 'elsewhere/other.yaml').fields.source, null);
    assert.is(infoOf(project, 'other').status, 2);
    // A path is of the source in which the file really lies.
    symlinkSync(join(project.folder, 'elsewhere/other.yaml'), join(project.folder, 'it/link.yaml'));
    assert.is(infoOf(project, 'it/link.yaml').fields.source, null);
    assert.is(infoOf(project, 'python', '--templates', 'mine').fields.title, 'Mine');
  });
});

test('a slug in a folder that answers for less does not take the name of a file in one that answers for more', async () => {
  await withProject((project) => {
    project.write({
      'polc.config.yaml': 'templates: { institutional: it, pi_lab: lab }\n',
      'it/python-ml.yaml': template('Of IT'),
      'lab/other.yaml': template('Of the Lab', 'slug: python-ml\n'),
      'lab/titled.yaml': template('python-ml'),
    });
    assert.is(infoOf(project, 'python-ml').fields.path, 'it/python-ml.yaml');
    assert.is(infoOf(project, 'Of the Lab').fields.path, 'lab/other.yaml');
    // In one folder the slug counts before the name.
    project.write({ 'polc.config.yaml': 'templates: { pi_lab: lab }\n' });
    assert.is(infoOf(project, 'python-ml').fields.path, 'lab/other.yaml');
  });
});

test('a signature of the authority makes a source count', async () => {
  await withProject((project) => {
    const env = { XDG_CONFIG_HOME: join(project.folder, 'config'), XDG_STATE_HOME: join(project.folder, 'state') };
    project.write({
      'polc.config.yaml': 'templates: { institutional: it }\n',
      'it/python.yaml': template('Python'),
    });
    assert.is(project.polc(['keys', 'generate', 'univ-it', '--authority', 'University IT'], { env }).status, 0);
    assert.is(project.polc(['template', 'sign', 'it/python.yaml'], { env }).status, 0);
    const signed = infoOf(project, 'python');
    assert.is(signed.fields.source_counts, true);
    assert.is(signed.fields.signature.authority, 'University IT');
    // Of the authority that the configuration names, where it names one, and for every source.
    const counts = (configuration: string) => {
      project.write({ 'polc.config.yaml': configuration });
      return infoOf(project, 'python').fields.source_counts;
    };
    assert.is(counts('templates: { institutional: it }\nauthorities: { institutional: University IT }\n'), true);
    assert.is(counts('templates: { institutional: it }\nauthorities: { institutional: [Some Lab] }\n'), false);
    assert.is(counts('templates: { institutional: it }\nauthorities: { departmental: Some Lab }\n'), true);
    assert.is(counts('templates: { pi_lab: it }\nauthorities: { pi_lab: [Some Lab, University IT] }\n'), true);
    assert.is(counts('templates: { pi_lab: it }\nauthorities: { pi_lab: [] }\n'), false);
    assert.is(counts('templates: { institutional: it }\n'), true);
    project.write({ 'it/python.yaml': project.read('it/python.yaml').replace('22.04', '24.04') });
    const changed = infoOf(project, 'python');
    assert.is(changed.fields.source_counts, false);
    assert.is(changed.fields.signature.verdict, 'invalid');
  });
});

test('two of one name and source are none, and folders that are not there are said', async () => {
  await withProject((project) => {
    project.write({ 'a/python.yaml': template('Python'), 'b/python.yaml': template('Python') });
    const ambiguous = infoOf(project, 'python');
    assert.is(ambiguous.status, 2);
    assert.match(ambiguous.stderr, /POL8313.*`a\/python.yaml`, `b\/python.yaml`/s);
    assert.is(infoOf(project, 'a/python.yaml').status, 0);
    assert.is(infoOf(project, 'python', '--templates', 'a').status, 0);
    project.write({ 'polc.config.yaml': 'templates: { personal: gone }\n' });
    const gone = project.polc(['template', 'list']);
    assert.is(gone.status, 1);
    assert.match(gone.stderr, /POL8002/);
    project.write({ 'polc.config.yaml': 'templates: { institutionel: a }\n' });
    const misspelt = project.polc(['template', 'list']);
    assert.is(misspelt.status, 1);
    assert.match(misspelt.stderr, /institutional/);
  });
});

test('what a library inherits is found in it, whatever lies beside it', async () => {
  await withProject((project) => {
    mkdirSync(join(project.folder, 'work'));
    project.write({
      'library/base.yaml': template('Base'),
      'library/lab/child.yaml': 'name: Child\ninherits: [base]\n',
      'copy/base.yaml': template('Base'),
    });
    assert.equal(infoOf(project, 'child', '--templates', 'library').fields.inherits, ['base']);
    const env = { XDG_CONFIG_HOME: join(project.folder, 'config'), XDG_STATE_HOME: join(project.folder, 'state') };
    const words = ['template', 'info', 'child', '--format', 'json', '--templates', '../library'];
    const outside = project.polc(words, { env, cwd: 'work' });
    assert.is(outside.status, 0, outside.stderr);
    assert.equal(JSON.parse(outside.stdout).inherits, ['base']);
    // Without the library the name does not say which.
    assert.match(infoOf(project, 'child').stderr, /POL3204/);
  });
});

run();
