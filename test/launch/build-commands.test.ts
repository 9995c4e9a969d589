// `polc template build` and `status` as processes, through the real SDK, against a strict EC2.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { verifyImage } from '../../runtime/signing/image.ts';
import { readTrustStore } from '../../runtime/signing/trust-store.ts';
import {
  cloudEnvironment,
  polcWith,
  remaining,
  sha256,
  startBuildService,
  template,
} from '../support/build-service.ts';
import { suite } from '../support/harness.ts';
import { type ProjectFolder, withProject } from '../support/polc-process.ts';
import type { StrictEc2 } from '../support/strict-ec2.ts';
import { until } from '../support/until.ts';

const { test, run } = suite('build-commands');

async function withService(
  work: (ec2: StrictEc2, project: ProjectFolder) => Promise<void>,
  fails?: (type: string) => string | undefined,
): Promise<void> {
  const ec2 = await startBuildService(fails);
  try {
    await withProject(async (project) => {
      project.write({ 'templates/python-basic.yaml': template });
      try {
        await work(ec2, project);
      } finally {
        endDetached(project);
      }
    });
  } finally {
    await ec2.close();
  }
}

/** No process outlives its test: the locks say which are at work. */
function endDetached(project: ProjectFolder): void {
  if (!existsSync(builds(project))) return;
  for (const id of readdirSync(builds(project))) {
    const lock = join(builds(project), id, 'journal.jsonl.lock');
    const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8').split(' ')[0]) : 0;
    if (pid > 0) process.kill(pid, 'SIGKILL');
  }
}

const builds = (project: ProjectFolder) => join(project.folder, '../home/.local/state/polc/builds');
const onlyId = (project: ProjectFolder) =>
  readdirSync(builds(project)).find((name) => name.startsWith('python-')) ?? '';

test('a template is built, signed, copied and recorded, and its status says so', async () => {
  await withService(async (ec2, project) => {
    const made = project.polc(['keys', 'generate', 'univ-it', '--authority', 'University IT', '--for', 'image']);
    assert.is(made.status, 0, made.stderr);
    const built = await polcWith(ec2, project, [
      ...['templates', 'compile', 'python-basic', '--regions', 'us-west-2,eu-west-1', '--copy-from', 'us-west-2'],
      ...['--sign-with', 'univ-it'],
    ]);
    assert.is(built.status, 0, built.stdout + built.stderr);
    const id = onlyId(project);
    const images = [...ec2.images.values()].filter(({ tags }) => tags.get('polc:compilation') === id);
    assert.equal(images.map(({ region, architecture }) => `${region} ${architecture}`).sort(), [
      'eu-west-1 arm64',
      'eu-west-1 x86_64',
      'us-west-2 arm64',
      'us-west-2 x86_64',
    ]);
    const store = readTrustStore(
      'trust.yaml',
      readFileSync(join(project.folder, '../home/.config/polc/trust.yaml'), 'utf8'),
    );
    for (const { tags, id: image, region } of images) {
      const reading = readImageTags(tags, sha256);
      if ('refused' in reading) throw new Error(reading.problem);
      const { metadata, digest } = reading;
      assert.is(metadata.source_template, 'python-basic');
      assert.is(ec2.images.get(metadata.base_image ?? '')?.region, region, 'the base image is of the same region');
      assert.is(tags.get('team'), 'teaching');
      const identity = { image, region, owner: '123456789012', digest };
      assert.is(verifyImage(tags, identity, store.trust, Date.now()).signature, 'valid');
    }
    const ofImages = images.flatMap(({ region, architecture }) => [
      `image ${region} ${architecture}`,
      `snapshot ${region}`,
    ]);
    assert.equal(remaining(ec2), ofImages.sort());
    const lines = built.stdout.split('\n');
    assert.is(lines[0], '→ Initiating template compilation...');
    assert.match(built.stdout, /^→ Building AMI in us-west-2 \(arm64\): i-[0-9a-f]{17}$/m);
    assert.match(built.stdout, /^→ Copying AMI to eu-west-1 \(x86_64\): ami-[0-9a-f]{17}$/m);
    assert.match(built.stdout, /^→ Estimated completion: 20-25 minutes$/m);
    assert.match(built.stdout, /^✓ eu-west-1 \(arm64\): ami-[0-9a-f]{17} - Complete$/m);
    const idOf = (region: string, architecture: string) =>
      images.find((image) => image.region === region && image.architecture === architecture)?.id;
    assert.is(
      project.read('templates/python-basic.yaml'),
      `${template}precompiled_amis:
  eu-west-1:
    arm64: "${idOf('eu-west-1', 'arm64')}"
    x86_64: "${idOf('eu-west-1', 'x86_64')}"
  us-west-2:
    arm64: "${idOf('us-west-2', 'arm64')}"
    x86_64: "${idOf('us-west-2', 'x86_64')}"
`,
    );
    const result = JSON.parse(readFileSync(join(builds(project), id, 'result.json'), 'utf8'));
    assert.equal(Object.keys(result), [
      'source_template',
      'compilation_id',
      'amis',
      'policy_metadata',
      'compiled_at',
      'build_duration',
      'images',
    ]);
    assert.is(result.amis['eu-west-1'].arm64, idOf('eu-west-1', 'arm64'));
    assert.is(result.policy_metadata.source_template, 'python-basic');
    assert.equal(result.policy_metadata.resource_limits.max_instance_types, ['t3.medium', 't4g.medium']);
    assert.ok(result.build_duration > 0 && Number.isInteger(result.build_duration));

    const log = readFileSync(join(project.folder, '../home/.local/state/polc/audit.jsonl'), 'utf8').trim().split('\n');
    const records = log.map((line) => JSON.parse(line));
    assert.equal(
      records.map(({ action, decision, facts }) => [action, decision, facts.compilation]),
      ['begun', 'complete'].map((decision) => ['template.build', decision, id]),
    );
    assert.is(records[1].facts.images.split('\n').length, 4);
    assert.is(project.polc(['audit', 'verify']).status, 0);

    const status = await polcWith(ec2, project, ['templates', 'compile', 'status', 'python-basic']);
    assert.is(status.status, 0, status.stdout + status.stderr);
    assert.match(status.stdout, /^Compilation Status: Complete$/m);
    assert.match(status.stdout, /^ {2}✓ us-west-2 \(x86_64\): ami-[0-9a-f]{17} - Complete, signed$/m);
    const aged = await polcWith(ec2, project, [
      'template',
      'status',
      'python-basic',
      '--max-age',
      '0',
      '--format',
      'json',
    ]);
    assert.is(aged.status, 4, aged.stderr);
    assert.is(JSON.parse(aged.stdout).rebuild.length, 4);
    // A newer base image in one region.
    const name = '/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id';
    const newer = ec2.addImage({
      region: 'eu-west-1',
      owner: '099720109477',
      madeAt: Date.now() + 1000,
      encrypted: false,
    });
    ec2.parameters.set(`eu-west-1 ${name}`, newer.id);
    const outdated = await polcWith(ec2, project, ['template', 'status', 'python-basic']);
    assert.is(outdated.status, 4);
    assert.match(outdated.stderr, 'there is a newer base image');
    assert.is(outdated.stderr.match(/POL8338/g)?.length, 1);
    // A template that says something else.
    project.write({
      'templates/python-basic.yaml': project.read('templates/python-basic.yaml').replace('2.1.0', '2.2.0'),
    });
    const changed = await polcWith(ec2, project, ['template', 'status', 'python-basic']);
    assert.match(changed.stderr, 'the template is 2.2.0 now, and the image is of 2.1.0');
    const gone = await polcWith(ec2, project, ['template', 'build', '--abandon', id]);
    assert.is(gone.status, 0, gone.stderr);
    assert.match(gone.stdout, 'removed 0 instances, 4 images, 4 snapshots, 0 volumes');
    assert.match(gone.stderr, 'POL8339');
    assert.equal(remaining(ec2), []);
    const after = await polcWith(ec2, project, ['template', 'status', 'python-basic']);
    assert.is(after.status, 4);
    assert.match(after.stdout, 'Compilation Status: Abandoned');
    assert.match(after.stderr, 'there is no such image');
    const again = await polcWith(ec2, project, ['template', 'build', '--resume', id]);
    assert.match(again.stderr, 'it was abandoned');
  });
});

test('a process that is killed at any of some calls leaves what can be resumed, and what can be abandoned', async () => {
  const actions = [
    'ec2:RunInstances',
    'ec2:StopInstances',
    'ec2:CreateImage',
    'ec2:CopyImage',
    'ec2:TerminateInstances',
  ];
  for (const [index, action] of actions.entries()) {
    for (const end of ['resume', 'abandon'] as const) {
      await withService(async (ec2, project) => {
        const words = ['template', 'build', 'python-basic', '--architectures', 'x86_64'];
        const child = project.start([...words, '--regions', 'us-west-2,eu-west-1', '--copy-from', 'us-west-2'], {
          env: cloudEnvironment(ec2),
          stdio: 'ignore',
        });
        const when = index % 2 === 0 ? 'after' : 'before';
        ec2.onCall = (call, at) => {
          if (call.action === action && at === when) child.kill('SIGKILL');
        };
        await new Promise((resolve) => child.once('close', resolve));
        ec2.onCall = () => undefined;
        const id = onlyId(project);
        const stuck = project.polc(['template', 'status', id, '--offline']);
        assert.is(stuck.status, 4, `${action}: ${stuck.stdout}`);
        assert.match(stuck.stdout, 'Compilation Status: Interrupted');
        const then = await polcWith(ec2, project, ['template', 'build', `--${end}`, id]);
        assert.is(then.status, 0, `${action} ${when}, ${end}: ${then.stdout}${then.stderr}`);
        const images = ['image eu-west-1 x86_64', 'image us-west-2 x86_64', 'snapshot eu-west-1', 'snapshot us-west-2'];
        assert.equal(remaining(ec2), end === 'resume' ? images : [], `${action} ${when}, ${end}`);
        assert.is(project.read('templates/python-basic.yaml').includes('precompiled_amis'), end === 'resume');
      });
    }
  }
});

test('what AWS refuses, a script that fails and Ctrl-C are told with the way on', async () => {
  await withService(
    async (ec2, project) => {
      const failed = await polcWith(ec2, project, ['template', 'build', 'templates/python-basic.yaml']);
      assert.is(failed.status, 1, failed.stdout + failed.stderr);
      const id = onlyId(project);
      assert.match(failed.stderr, /POL8330.*no image came of the builder in us-west-2 \(arm64\)/);
      assert.match(failed.stderr, 'command: apt-get install nonsense');
      assert.match(
        failed.stderr,
        /output: Reading package lists\.\.\.\n.*output: E: Unable to locate package \u{fffd}nonsense$/mu,
      );
      assert.match(failed.stderr, `polc template build --resume ${id}`);
      assert.match(project.read('templates/python-basic.yaml'), /precompiled_amis:\n {2}us-west-2:\n {4}x86_64: "ami-/);
      const status = project.polc(['template', 'status']);
      assert.is(status.status, 4);
      assert.match(status.stdout, /python-basic +python-basic-\S+ +Failed +\S+ \S+ UTC +1\/2/);
    },
    (type) => (type.startsWith('t4g') ? 'apt-get install nonsense' : undefined),
  );
  await withService(async (ec2, project) => {
    ec2.settings.denies = (action) => action === 'ec2:CreateImage';
    const denied = await polcWith(ec2, project, ['template', 'build', 'python-basic', '--format', 'json']);
    assert.is(denied.status, 3, denied.stderr);
    assert.match(denied.stderr, /ec2:CreateImage failed: .*\(UnauthorizedOperation\)/);
    assert.equal(JSON.parse(denied.stdout).amis, {});
    ec2.settings.denies = () => false;
    const id = onlyId(project);
    let asked = false;
    const child = project.start(['template', 'build', '--resume', id], { env: cloudEnvironment(ec2) });
    let errors = '';
    child.stderr?.on('data', (part: Buffer) => (errors += part.toString()));
    ec2.onCall = ({ action }) => {
      if (action === 'ec2:CreateImage' && !asked) asked = child.kill('SIGINT');
    };
    const status = await new Promise((resolve) => child.once('close', resolve));
    ec2.onCall = () => undefined;
    assert.is(status, 3, errors);
    assert.match(errors, 'it was asked to stop');
    assert.match(errors, `--resume ${id}`);
    const done = await polcWith(ec2, project, ['template', 'build', '--resume', id]);
    const again = await polcWith(ec2, project, ['template', 'build', '--resume', id]);
    assert.match(again.stdout, /^✓ .* - Complete\n/);
    assert.is(done.status, 0, done.stderr);
    assert.is(remaining(ec2).filter((each) => each.startsWith('image')).length, 2);
  });
});

test('while one process works on a compilation another one does not, until the first is gone', async () => {
  await withService(async (ec2, project) => {
    ec2.faults.push({ at: 1, action: 'ec2:CreateImage', times: 9, kind: 'hang' });
    const words = ['template', 'build', 'python-basic', '--architectures', 'x86_64'];
    const child = project.start(words, { env: cloudEnvironment(ec2), stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise<void>((resolve) => {
      ec2.onCall = ({ action }) => {
        if (action === 'ec2:CreateImage') resolve();
      };
    });
    const id = onlyId(project);
    const status = project.polc(['template', 'status', id, '--offline']);
    assert.is(status.status, 0, status.stderr);
    assert.match(status.stdout, /Compilation Status: In Progress.*⏳ us-west-2 \(x86_64\): \d\d% - Making the image/s);
    for (const verb of ['--resume', '--abandon']) {
      const held = await polcWith(ec2, project, ['template', 'build', verb, id]);
      assert.is(held.status, 3, held.stdout);
      assert.match(held.stderr, 'POL8332');
    }
    child.kill('SIGKILL');
    await ended;
    ec2.faults.length = 0;
    const done = await polcWith(ec2, project, ['template', 'build', '--resume', id]);
    assert.is(done.status, 0, done.stderr);
    assert.equal(remaining(ec2), ['image us-west-2 x86_64', 'snapshot us-west-2']);
  });
});

test('a batch is built in processes of their own, and each says how far it is', async () => {
  await withService(async (ec2, project) => {
    project.write({
      'class/one.yaml': template.replace('python-basic', 'python-one'),
      'class/two.yaml': template.replace('python-basic', 'python-two'),
      'class/notes.yaml': 'nothing: here\n',
    });
    const begun = await polcWith(ec2, project, [
      ...['template', 'build', '--batch-compile', 'class', '--architectures', 'x86_64', '--detach'],
    ]);
    assert.is(begun.status, 0, begun.stdout + begun.stderr);
    const ids = readdirSync(builds(project));
    assert.is(ids.length, 2);
    await until(() => ids.every((id) => existsSync(join(builds(project), id, 'result.json'))), 'both are built');
    for (const id of ids) {
      const status = await polcWith(ec2, project, ['template', 'status', id, '--offline', '--format', 'json']);
      assert.is(JSON.parse(status.stdout).status, 'complete', readFileSync(join(builds(project), id, 'log'), 'utf8'));
    }
    assert.match(project.read('class/one.yaml'), 'precompiled_amis:');
    // The last lines of the processes are written: their folder can go.
    const isRunning = (id: string) => spawnSync('pgrep', ['-f', id]).status === 0;
    await until(() => !ids.some(isRunning), 'the processes have ended');
  });
});

test('what cannot be built is said before anything is made', async () => {
  await withService(async (ec2, project) => {
    const cases: readonly (readonly [words: readonly string[], status: number, text: RegExp])[] = [
      [[], 2, /no template is named/],
      [['python-basic', '--regions', 'us-wst-2'], 2, /did you mean `us-west-2`/],
      [['python-basic', '--instance-types', 't3.lage'], 2, /did you mean `t3.large`/],
      [['python-basic', '--resume', 'python-basic-20261124t093000-0a1b2c3d'], 2, /is not asked for/],
      [['pythn-basic'], 2, /there is no template of that name[\s\S]*did you mean `python-basic`\?/],
      [['--resume', 'x'], 2, /is no id of a compilation/],
      [['--resume', 'python-basic-20261124t093000-0a1b2c3d'], 3, /POL8333/],
      [['--abandon', 'python-basic-20261124t093000-0a1b2c3d'], 3, /POL8333/],
      [['python-basic', '--regions', 'us-east-1'], 1, /POL8329.*cannot be built for us-east-1: it forbids the region/],
      [['python-basic', '--copy-from', 'eu-west-1'], 1, /POL8329/],
      [['python-basic', '--sign-with', 'nobody'], 1, /POL8341/],
      [['python-basic', '--regions', 'us-west-2,eu-west-1', '--subnet', 'subnet-1'], 1, /write it as REGION=subnet-1/],
      [['python-basic', '--subnet', 'eu-west-1=subnet-1'], 1, /nothing is built there, where subnet-1 is/],
      [['nonsense'], 2, /there is no template of that name/],
      [['templates/nonsense.yaml'], 3, /no such file/],
      [['templates/plain.yaml'], 1, /POL8328/],
      [['templates/wrong.yaml'], 1, /POL\d+/],
      [['templates/x86.yaml', '--regions', 'us-west-2', '--architectures', 'arm64'], 1, /none of the instance types/],
      [['templates/key.yaml', '--regions', 'us-west-2'], 1, /encrypts in another region/],
    ];
    const limits = 'policy_metadata: { resource_limits: { max_instance_types: [t3.small] } }\n';
    const key = 'kms_key: "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"';
    project.write({
      'templates/plain.yaml': 'name: plain\nbase: ubuntu-22.04\n',
      'templates/wrong.yaml': 'name: wrong\nbase: ubuntu-99.04\n',
      'templates/x86.yaml': `name: x86\nbase: ubuntu-22.04\n${limits}`,
      'templates/key.yaml': `name: key\nbase: ubuntu-22.04\ncompile_to_ami: { enabled: true, regions: [eu-west-1], architectures: [x86_64], ${key} }\n`,
    });
    for (const [words, status, text] of cases) {
      const ended = await polcWith(ec2, project, ['template', 'build', ...words]);
      assert.is(ended.status, status, `${words.join(' ')}: ${ended.stdout}${ended.stderr}`);
      assert.match(ended.stderr, text);
    }
    assert.equal(ec2.calls, []);
    assert.equal(existsSync(builds(project)) ? readdirSync(builds(project)) : [], []);
    // Without a journal, by the tag.
    const id = 'python-basic-20261124t093000-0a1b2c3d';
    ec2.addImage({ region: 'us-west-2', tags: new Map([['polc:compilation', id]]), name: 'left' });
    const gone = await polcWith(ec2, project, ['template', 'build', '--abandon', id, '--regions', 'us-west-2']);
    assert.is(gone.status, 0, gone.stderr);
    assert.equal(remaining(ec2), []);
  });
});

test('what a profile may not use, or what that builds on, is not built, and the log says so', async () => {
  await withService(async (ec2, project) => {
    project.write({
      'templates/lab-base.yaml': 'name: Lab base\nslug: lab-base\nbase: ubuntu-22.04\n',
      'templates/on-base.yaml': 'name: On base\nslug: on-base\ninherits: [lab-base]\n',
      'cs101.yaml': 'profile:\n  name: cs101\n  template_whitelist: [python-*, on-base]\n',
    });
    const words = ['--regions', 'us-west-2', '--architectures', 'x86_64', '--profile', 'cs101.yaml'];
    const cases = [
      [
        ['lab-base'],
        /POL8351]: `lab-base` may not be built under the profile `cs101`: template 'lab-base' not allowed/,
      ],
      [['on-base'], /POL8351]: .*template 'lab-base' not allowed for this profile, and 'on-base' inherits it/],
      [['python-basic', 'on-base'], /cs101.yaml:3:/],
    ] as const;
    for (const [names, text] of cases) {
      const refused = await polcWith(ec2, project, ['template', 'build', ...names, ...words]);
      assert.is(refused.status, 4, refused.stdout + refused.stderr);
      assert.match(refused.stderr.replace(/\s+/g, ' '), text);
    }
    assert.equal(ec2.calls, []);
    assert.equal(readdirSync(builds(project)), []);
    const log = readFileSync(join(project.folder, '../home/.local/state/polc/audit.jsonl'), 'utf8').trim().split('\n');
    assert.equal(
      log.map((line) => JSON.parse(line)).map(({ decision, facts }) => [decision, facts.template, facts.profile]),
      ['lab-base', 'on-base', 'on-base'].map((template) => ['refused', template, 'cs101']),
    );
    const gone = await polcWith(ec2, project, ['template', 'build', 'python-basic', '--profile', 'cs102']);
    assert.is(gone.status, 2, gone.stdout + gone.stderr);
    assert.match(gone.stderr, 'POL8314');
    const allowed = await polcWith(ec2, project, ['template', 'build', 'python-basic', ...words]);
    assert.is(allowed.status, 0, allowed.stdout + allowed.stderr);
  });
});

test('a template that was changed or signed meanwhile is told of', async () => {
  await withService(async (ec2, project) => {
    project.polc(['keys', 'generate', 'univ-it', '--authority', 'University IT']);
    assert.is(project.polc(['template', 'sign', 'templates/python-basic.yaml']).status, 0);
    const signed = await polcWith(ec2, project, ['template', 'build', 'python-basic', '--architectures', 'x86_64']);
    assert.is(signed.status, 0, signed.stderr);
    assert.match(signed.stderr, 'POL8336');
    assert.is(project.polc(['template', 'verify', 'templates/python-basic.yaml']).status, 4);
    assert.is(project.polc(['template', 'sign', 'templates/python-basic.yaml']).status, 0);
    ec2.onCall = ({ action }, when) => {
      if (action !== 'ec2:CreateImage' || when !== 'before') return;
      writeFileSync(join(project.folder, 'templates/python-basic.yaml'), template.replace('2.1.0', '3.0.0'));
    };
    const changed = await polcWith(ec2, project, ['template', 'build', 'python-basic', '--architectures', 'x86_64']);
    assert.is(changed.status, 0, changed.stderr);
    assert.match(changed.stderr, /POL8335.*it has changed since the build began/);
    assert.match(changed.stderr, /us-west-2: \{ x86_64: "ami-/);
    assert.not.match(project.read('templates/python-basic.yaml'), 'precompiled_amis');
  });
});

run();
