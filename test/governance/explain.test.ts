import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';

const { test, run } = suite('governance-explain');

const files = {
  'university.yaml': `institution:
  name: State University
  max_instance_types: ["t3.*", "m5.*"]
  max_hourly_cost: 1.00
  denied_templates: [base-python]
`,
  'cs101.yaml': `institution: university.yaml
profile:
  name: cs101
  allowed_templates: [python-ml, python-gpu]
  max_hourly_cost: 0.15
  clearance: internal
`,
  'python-ml.yaml': `name: Python
base: ubuntu-22.04
policy_metadata:
  data_classification: internal
  resource_limits: { max_instance_types: [t3.medium, c5.large], max_hourly_cost: 0.20 }
`,
  'base-python.yaml': 'name: Base\nslug: base-python\nbase: ubuntu-22.04\n',
  'python-gpu.yaml':
    'name: GPU\ninherits: [base-python]\npolicy_metadata: { data_classification: restricted, resource_limits: { max_instance_types: [c5.large] } }\n',
};

function explained({ write, polc }: ProjectFolder, ...words: readonly string[]): string {
  write(files);
  const { status, stdout, stderr } = polc(['explain', ...words]);
  assert.is(status, 0, stderr);
  return stdout;
}

test('every limit is printed with what it comes from, and what says less', () =>
  withProject((project) => {
    const text = explained(project, '--profile', 'cs101.yaml', '--template', 'python-ml.yaml');
    assert.match(text, /^cs101 with python-ml: a launch keeps to \d+ limits\n/);
    const [, types] = /\n· resources +instance type: (.*\n {4}.*\n {4}.*)\n/.exec(text) ?? [];
    assert.is(
      types,
      [
        't3.medium',
        '    institution state-university   university.yaml:3:23  institution.max_instance_types',
        '    template python-ml             python-ml.yaml:5:42  policy_metadata.resource_limits.max_instance_types',
      ].join('\n'),
    );
    const [, cost] = /\n· resources +cost of the instance: (.*\n {4}.*\n {4}.*\n {4}.*)\n/.exec(text) ?? [];
    assert.match(cost ?? '', /^at most \$0\.15 an hour\n {4}profile cs101 +cs101\.yaml:5:20 /);
    assert.match(cost ?? '', /university\.yaml:4:20 .* \(says less\)\n.*python-ml\.yaml:5:82 .* \(says less\)$/);
    assert.match(text, /\n✔ source +template: python-ml, python-gpu\n|\n✔ source +template: python-gpu, python-ml\n/);
    assert.match(text, /\n✔ classification clearance >= classification\n/);
  }));

test('what a profile and a template can never launch together is marked, and so is what may not be inherited', () =>
  withProject((project) => {
    const text = explained(project, '--profile', 'cs101', '--template', 'python-gpu');
    assert.match(text, /^cs101 with python-gpu: nothing can be launched\n/);
    assert.match(text, /\n✘ resources +instance type: none is left\n/);
    assert.match(text, /\n✘ classification clearance >= classification\n/);
    assert.match(text, /\n✘ source +inherits base-python, which is refused {2}university\.yaml:5:21\n/);
  }));

test('what an institution asks for and the template does not say is refused', () =>
  withProject((project) => {
    project.write({ 'plain.yaml': 'name: Plain\nbase: ubuntu-22.04\n' });
    const text = explained(project, '--profile', 'university.yaml', '--template', 'plain.yaml');
    assert.match(text, /^state-university with plain: nothing can be launched\n/);
    assert.match(text, /\n✘ classification clearance >= classification, of which the template says nothing\n/);
    assert.match(text, /\n· resources +cost of the instance: at most \$1\.00 an hour\n/);
  }));

test('the JSON form has each limit with its step, its values and its sources', () =>
  withProject((project) => {
    const words = ['--profile', 'cs101.yaml', '--template', 'python-ml.yaml', '--format', 'json'];
    const answer = JSON.parse(explained(project, ...words));
    assert.is(answer.possible, true);
    const cost = answer.limits.find((limit: { attribute?: string }) => limit.attribute === 'hourly_cost');
    const { sources, looser, ...said } = cost;
    assert.equal(said, {
      step: 'resources',
      says: 'cost of the instance: at most $0.15 an hour',
      holds: null,
      kind: 'at-most',
      attribute: 'hourly_cost',
      bound: 0.15,
      strict: false,
    });
    assert.equal(
      sources.map(({ role, name, at }: Record<string, string>) => `${role} ${name} ${at}`),
      ['profile cs101 cs101.yaml:5:20'],
    );
    assert.equal(
      looser.map(({ role, name }: Record<string, string>) => `${role} ${name}`),
      ['institution state-university', 'template python-ml'],
    );
  }));

test('one of the two is enough', () =>
  withProject((project) => {
    assert.match(explained(project, '--profile', 'cs101.yaml'), /^cs101: a launch keeps to \d+ limits?\n/);
    assert.match(explained(project, '--template', 'python-ml.yaml'), /^python-ml: a launch keeps to \d+ limits?\n/);
  }));

test('a profile is named as for a launch, and so is a template of the library', () =>
  withProject((project) => {
    project.write({
      ...files,
      'polc.config.yaml': 'templates: { personal: mine }\n',
      'mine/notebook.yaml': 'name: Notebooks\nslug: jupyter\nbase: ubuntu-22.04\n',
      // Not what is meant: the folder of profiles comes first.
      'class.yaml': 'profile: { name: other }\n',
    });
    assert.is(project.polc(['profile', 'create', 'class', '--template-whitelist', 'jupyter']).status, 0);
    for (const name of ['jupyter', 'Notebooks', 'mine/notebook.yaml']) {
      const text = explained(project, '--profile', 'class', '--template', name);
      assert.match(text, /^class with jupyter: a launch keeps to \d+ limits?\n✔ source +template: jupyter\n/);
    }
    // What is in no folder of templates is a file all the same.
    assert.match(explained(project, '--template', 'python-ml'), /^python-ml: a launch keeps/);
  }));

test('a question that cannot be answered says why', () =>
  withProject(({ write, polc }) => {
    write({ ...files, 'wrong.yaml': 'profile: { name: cs101, max_hourly_cost: 0 }\n' });
    const asked = (...words: readonly string[]) => {
      const { status, stderr } = polc(['explain', ...words]);
      return `${status} ${stderr.split('\n')[0]}`;
    };
    assert.is(asked('--profile', 'nobody'), '2 polc explain: there is no profile `nobody`');
    assert.is(asked('--template', 'nothing'), '2 polc explain: there is no template `nothing`');
    assert.is(
      asked('--profile', './nobody.yaml'),
      '3 polc explain: cannot read `./nobody.yaml`: no such file or folder (ENOENT)',
    );
    assert.is(asked('--profile', 'python-ml.yaml'), '2 polc explain: `python-ml.yaml` is not a profile');
    assert.is(asked('--template', 'cs101.yaml'), '2 polc explain: `cs101.yaml` is not a template');
    assert.is(
      asked('--profile', 'wrong.yaml'),
      '1 error[POL5341]: `max_hourly_cost` is 0, which lets nothing be launched',
    );
    assert.is(asked('cs101.yaml', '--profile', 'cs101.yaml'), '2 polc explain: `cs101.yaml` is one policy too many');
    assert.is(
      asked('--profile', 'cs101.yaml', '--path', '/tmp'),
      '2 polc explain: `--path` and `--profile` are two questions',
    );
    assert.is(asked(), '2 polc explain: no policy is named');
  }));

run();
