// `polc launch` as a process, through the real SDK, against a strict EC2: what it ends with, and what it gives other programs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { givenLaunch, type LaunchOptions } from '../../cli/launch/launch-options.ts';
import { imageMetadata } from '../../compiler/images/image-metadata.ts';
import { imageTags } from '../../compiler/images/write-tags.ts';
import { template as basicTemplate, cloudEnvironment, sha256, startBuildService } from '../support/build-service.ts';
import { read } from '../support/decided-launches.ts';
import { suite } from '../support/harness.ts';
import { type Finished, type ProjectFolder, withProject } from '../support/polc-process.ts';
import type { StrictEc2 } from '../support/strict-ec2.ts';

const { test, run } = suite('launch-commands');

const region = 'us-west-2';
const imageId = 'ami-0abc123def456789a';

const course = `profile:
  name: cs101
  template_whitelist: [python-basic]
  max_hourly_cost: 0.10
  max_hourly_budget: 0.09
`;

class Machine {
  readonly ec2: StrictEc2;
  readonly project: ProjectFolder;

  constructor(ec2: StrictEc2, project: ProjectFolder) {
    this.ec2 = ec2;
    this.project = project;
  }

  async launch(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    const all = { ...cloudEnvironment(this.ec2), AWS_REGION: region, ...env };
    const child = this.project.start(['launch', ...words], { env: all });
    const text = { stdout: '', stderr: '' };
    child.stdout?.on('data', (part: Buffer) => (text.stdout += part.toString()));
    child.stderr?.on('data', (part: Buffer) => (text.stderr += part.toString()));
    const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const status = await new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    clearTimeout(limit);
    return { status, ...text };
  }

  get instances() {
    return [...this.ec2.instances.values()].filter(({ state }) => state !== 'terminated');
  }

  /** In the folder of the person's state. */
  state(name: string): string {
    return join(this.project.folder, '../home/.local/state/polc', name);
  }

  ledger(): readonly { readonly event: string; readonly name?: string }[] {
    const lines = readFileSync(this.state('ledger.jsonl'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }
}

async function withMachine(work: (machine: Machine) => Promise<void>): Promise<void> {
  const ec2 = await startBuildService();
  try {
    await withProject(async (project) => {
      project.write({ 'python-basic.yaml': basicTemplate, 'cs101.yaml': course });
      await work(new Machine(ec2, project));
    });
  } finally {
    await ec2.close();
  }
}

/** An image of the template with its tags. */
function addBuilt(ec2: StrictEc2, more: Partial<Parameters<StrictEc2['addImage']>[0]> = {}): void {
  const { policy } = read('python-basic.yaml', basicTemplate);
  const metadata = imageMetadata(policy, { region, architecture: 'x86_64' }, sha256);
  const tags = new Map(metadata && imageTags({ ...metadata, compilation_id: 'a-build' }, sha256));
  ec2.addImage({ region, id: imageId, name: 'python-basic-2.1.0', tags, ...more });
}

/** The result as other programs read it; the last of them has every field of a ValidationResult and of AMI metadata. */
const fields = [
  'result',
  'dry_run',
  'name',
  'region',
  'instance',
  'failure',
  'allowed',
  'violations',
  'ami_metadata',
  'estimated_cost',
  'template',
  'profile',
  'ami',
  'facts',
  'checks',
  'steps',
  'problems',
  'warnings',
  'alternatives',
  'policy_hash',
];

test('a template is tried, launched from its base image, and found again', async () => {
  await withMachine(async (machine) => {
    const words = ['python-basic', 'homework', '--profile', 'cs101.yaml', '--tag', 'Course=CS101'];
    const dry = await machine.launch([...words, '--dry-run', '--format', 'json']);
    assert.is(dry.status, 0, dry.stderr);
    const tried = JSON.parse(dry.stdout);
    assert.equal(Object.keys(tried), fields);
    assert.equal(
      [tried.result, tried.dry_run, tried.instance, tried.failure, tried.allowed, tried.ami_metadata],
      ['would_start', true, null, null, true, null],
    );
    assert.equal(
      [tried.estimated_cost, tried.template, tried.profile, tried.ami],
      [0.0416, 'python-basic', 'cs101', null],
    );
    assert.is(tried.facts['tag:Course'], 'CS101');
    assert.is(machine.instances.length, 0);

    const launched = await machine.launch(words);
    assert.is(launched.status, 0, launched.stderr);
    const [instance] = machine.instances;
    assert.match(launched.stdout, new RegExp(`^→ Launch approved\n→ Started ${instance?.id} in us-west-2\n`, 'm'));
    assert.match(instance?.userData ?? '', /^#!\/bin\/bash\n/);
    assert.is(instance?.tags.get('Course'), 'CS101');
    assert.is(instance?.tags.get('Name'), 'homework');
    assert.is(instance?.tags.get('polc:policy'), tried.policy_hash);
    for (const { tags } of machine.ec2.volumes.values()) assert.equal(tags, instance?.tags, 'volumes as the instance');

    const again = await machine.launch([...words, '--format', 'json']);
    assert.equal([again.status, JSON.parse(again.stdout).result], [0, 'runs']);
    assert.is(machine.instances.length, 1);
    assert.equal(
      machine.ledger().map(({ event }) => event),
      ['reserve', 'confirm'],
    );
    assert.is(machine.project.polc(['audit', 'verify']).status, 0);
  });
});

test('an image by id and by name, with all that EC2 is told besides', async () => {
  await withMachine(async (machine) => {
    addBuilt(machine.ec2);
    Object.assign(machine.ec2.settings, {
      keyPairs: ['ben'],
      subnets: ['subnet-1'],
      securityGroups: ['sg-1', 'sg-2'],
      instanceProfiles: ['polc-image-builder', 'lab'],
    });
    const words = ['--key-pair', 'ben', '--subnet', 'subnet-1', '--security-group', 'sg-1', '--security-group', 'sg-2'];
    const launched = await machine.launch([imageId, 'one', ...words, '--instance-profile', 'lab', '--format', 'json']);
    assert.is(launched.status, 0, launched.stdout + launched.stderr);
    const result = JSON.parse(launched.stdout);
    assert.equal([result.result, result.ami, result.instance.id], ['started', imageId, machine.instances[0]?.id]);
    // Every field of PolicyMetadata of seed 000 that this template says something of.
    const { resource_limits: limits, cost_estimates: costs, ...metadata } = result.ami_metadata;
    assert.equal(limits, { max_instance_types: ['t3.medium', 't4g.medium'], forbidden_regions: ['us-east-1'] });
    assert.equal(costs, { arm64: 0.0336, x86_64: 0.0416 });
    assert.equal(
      [metadata.source_template, metadata.template_version, metadata.compilation_id, metadata.compiled_at],
      ['python-basic', '2.1.0', 'a-build', null],
    );
    const told = machine.instances[0]?.asked;
    assert.equal(
      ['KeyName', 'SubnetId', 'SecurityGroupId.1', 'SecurityGroupId.2', 'IamInstanceProfile.Name'].map((each) =>
        told?.get(each),
      ),
      ['ben', 'subnet-1', 'sg-1', 'sg-2', 'lab'],
    );
    const named = await machine.launch(['python-basic-2.1.0', 'two']);
    assert.is(named.status, 0, named.stdout + named.stderr);
    assert.is(machine.instances[1]?.image, imageId);
    const elsewhere = await machine.launch([imageId, 'three', '--region', 'eu-west-1']);
    assert.is(elsewhere.status, 4);
    assert.match(elsewhere.stdout, /there is no image `ami-0abc123def456789a` in eu-west-1/);
  });
});

type Ending = readonly [words: readonly string[], status: number, said: RegExp, env?: Readonly<Record<string, string>>];

test('each way to end has its code, and where nothing was allowed nothing was started', async () => {
  await withMachine(async (machine) => {
    const { project, ec2 } = machine;
    project.write({
      'negative.yaml': 't3.medium: -1\n',
      'broken.yaml':
        'name: Broken\nslug: broken\nbase: ubuntu-22.04\npolicy_metadata: { resource_limits: { max_hourly_cost: 0 } }\n',
      'chain.jsonl': '{"time":"2026-11-24T09:00:00Z"}\n',
    });
    ec2.settings.denies = (action, parameters) =>
      action === 'ec2:RunInstances' && [...parameters.values()].includes('denied');
    const template = ['python-basic', 'a'];
    const endings: readonly Ending[] = [
      [[...template, '--instance-type', 'c5.4xlarge'], 4, /restricts instance types to: \[t3.medium, t4g.medium\]/],
      [[...template, '--region', 'us-east-1'], 4, /^→ Available regions: af-south-1 /m],
      [
        ['python-basic', 'denied'],
        4,
        /AWS refused `ec2:RunInstances`: You are not authorized.* \(UnauthorizedOperation\)/,
      ],
      [
        ['pythn-basic', 'a'],
        2,
        /no template and no image `pythn-basic` in us-west-2\n {2}= help: did you mean `python-basic`\?/,
      ],
      [['python-basic'], 2, /operand|NAME/],
      [['python-basic', 'a\n→ Started'], 2, /"a\\n→ Started" is no name of an instance/],
      [template, 3, /`ssm:GetParameter` has no credentials for AWS/, { AWS_ACCESS_KEY_ID: '' }],
      [
        [...template, '--region', 'us-wst-2'],
        2,
        /there is no region `us-wst-2`\n {2}= help: did you mean `us-west-2`\?/,
      ],
      [template, 2, /it is not said where to launch/, { AWS_REGION: '' }],
      [['./broken.yaml', 'a'], 1, /POL\d{4}/],
      [[...template, '--prices', 'negative.yaml'], 1, /POL8300/],
      [[...template, '--prices', 'none.yaml'], 3, /POL8002/],
      [[...template, '--profile', 'nobody'], 2, /POL8314/],
      [[...template, '--key-pair', 'nobody'], 3, /InvalidKeyPair.NotFound/],
      [[...template, '--audit', 'chain.jsonl'], 3, /POL8322/],
      [[...template, '--ledger', 'cs101.yaml/ledger'], 3, /POL8322/],
      [
        template,
        3,
        /did not reach AWS: .*ECONNREFUSED/,
        { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
      ],
    ];
    const left = [...endings];
    const work = async (): Promise<void> => {
      for (let each = left.shift(); each !== undefined; each = left.shift()) {
        const [words, status, said, env] = each;
        const ended = await machine.launch(words, env);
        const text = ended.stdout + ended.stderr;
        assert.is(ended.status, status, `${words.join(' ')}\n${text}`);
        assert.match(text, said);
        assert.not.match(text, /Launch approved/);
      }
    };
    await Promise.all([work(), work()]);
    assert.is(machine.instances.length, 0);
  });
});

test('processes at once start one instance a name, and no more than the budget has room for', async () => {
  await withMachine(async (machine) => {
    const names = ['a', 'a', 'b', 'c'];
    const ended = await Promise.all(
      names.map((name) => machine.launch(['python-basic', name, '--profile', 'cs101.yaml', '--format', 'json'])),
    );
    const results = ended.map(({ status, stdout }, index) => ({ name: names[index], status, ...JSON.parse(stdout) }));
    const running = machine.instances.map(({ tags }) => tags.get('Name'));
    assert.is(running.length, 2, JSON.stringify(results.map(({ name, result }) => [name, result])));
    assert.is(new Set(running).size, 2, 'of two names');
    for (const { name, status, result, violations } of results) {
      assert.is(status, running.includes(name) ? 0 : 4, `${name}: ${result}`);
      if (status === 4)
        assert.match(violations.join('\n'), /Hourly spend exceeds profile limit \$0\.09: \$0\.08\/h running/);
    }
    const [refused] = results.filter(({ status }) => status === 4);
    assert.equal(refused?.alternatives.instance_types, [], 'nothing smaller is allowed');
  });
});

test('an audit log that cannot be written after the start says so, and the next run makes it good', async () => {
  await withMachine(async (machine) => {
    const words = ['python-basic', 'homework', '--format', 'json'];
    const log = machine.state('audit.jsonl');
    let whole = '';
    machine.ec2.onCall = ({ action, dryRun }, when) => {
      if (action !== 'ec2:RunInstances' || dryRun || when !== 'after') return;
      whole = readFileSync(log, 'utf8');
      writeFileSync(log, `${whole}{"time":"2026-11-24T09:00:00Z"}\n`);
    };
    const first = await machine.launch(words);
    machine.ec2.onCall = () => undefined;
    assert.is(first.status, 3);
    assert.is(JSON.parse(first.stdout).result, 'started');
    assert.match(first.stderr, /POL8321/);
    writeFileSync(log, whole);
    const again = await machine.launch(words);
    assert.is(again.status, 0, again.stderr);
    assert.is(machine.instances.length, 1);
    const records = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(
      records.map(({ action, facts }) => [action, facts.launch]),
      ['launch.decide', 'launch.start'].map((action) => [action, machine.instances[0]?.tags.get('polc:launch')]),
    );
  });
});

test('who launches cannot give tags that are polc’s, AWS’s or too many', () => {
  const given = (tags: readonly (readonly [string, string])[], env: NodeJS.ProcessEnv = { AWS_REGION: region }) => {
    const options: Partial<LaunchOptions> = { tag: new Map(tags), 'security-group': [], 'dry-run': false };
    return givenLaunch(options as LaunchOptions, ['python-basic', 'a'], env);
  };
  for (const key of ['polc:launch', 'POLC:profile', 'Polc:template', 'aws:x', 'AWS:x', 'Name', '', 'x'.repeat(129)]) {
    assert.ok('problem' in given([[key, 'v']]), key);
  }
  assert.ok('problem' in given([['Course', 'x'.repeat(257)]]));
  assert.ok('problem' in given([['Course', 'CS101\n→ Started']]));
  const many = (count: number) => Array.from({ length: count }, (_, index) => [`key${index}`, 'v'] as const);
  assert.ok('problem' in given(many(45)));
  const most = given(many(44));
  assert.is('problem' in most ? 0 : most.tags.size + 6, 50, 'with the six of polc');
  assert.ok('problem' in given([], {}));
  assert.ok(!('problem' in given([], { AWS_DEFAULT_REGION: region })));
});

run();
