// Launches in process against a cloud in memory: what starts, what each single thing that is wrong does, and what a name means.
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { chunkTag, headTag, scanTag, signatureTag } from '../../compiler/images/tag-names.ts';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import type { LaunchAsked, LaunchWorld } from '../../runtime/launch/asked.ts';
import type { CloudImage } from '../../runtime/launch/cloud.ts';
import { type LaunchOutcome, launch } from '../../runtime/launch/launch.ts';
import { openLedger } from '../../runtime/launch/ledger.ts';
import { launchTag } from '../../runtime/launch/ledger-records.ts';
import { readPrices } from '../../runtime/launch/prices.ts';
import { launchReport, placesIn } from '../../runtime/launch/wording.ts';
import { signApproval } from '../../runtime/signing/approval.ts';
import type { InvitationStatus } from '../../runtime/signing/invitation.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';
import {
  addImages,
  askedLaunch,
  askedProfile,
  askedTemplate,
  type BuiltTags,
  builtImage,
  builtTags,
  governance,
  key,
  launchWorld,
  priceFile,
  records,
  region,
  template,
} from '../support/launching.ts';

const { test, run } = suite('launch');

const day = 86_400_000;
const minute = 60_000;

/** One person's machine, and the cloud. */
class Setup {
  readonly folder: string;
  readonly cloud = new FakeCloud();
  asked: LaunchAsked = askedLaunch();
  more: Partial<LaunchWorld> = {};
  base = '';
  /** What DescribeImages says besides what is there. */
  described: Partial<CloudImage> = {};

  constructor(folder: string) {
    this.folder = folder;
    this.base = addImages(this.cloud);
    const image = this.cloud.image.bind(this.cloud);
    this.cloud.image = async (where, id) => {
      const found = await image(where, id);
      return found === undefined || id !== builtImage ? found : { ...found, ...this.described };
    };
  }

  get built() {
    const found = this.cloud.imageList.find(({ id }) => id === builtImage);
    if (found === undefined) throw new Error('the image is gone');
    return found;
  }

  get world(): LaunchWorld {
    return launchWorld(this.cloud, this.folder, () => this.cloud.time, this.more);
  }

  /** Gives the built image other tags. */
  retag(of: Partial<BuiltTags>, text?: string): void {
    this.built.tags.clear();
    for (const [name, value] of builtTags(this.base, { now: this.cloud.time, ...of }, text)) {
      this.built.tags.set(name, value);
    }
  }

  ask(more: Partial<LaunchAsked>): void {
    this.asked = { ...this.asked, ...more };
  }

  launch(): Promise<LaunchOutcome> {
    return launch(this.asked, this.world);
  }

  get ledger() {
    return openLedger(join(this.folder, 'ledger.jsonl'));
  }
}

async function withSetup(work: (setup: Setup) => Promise<void>): Promise<void> {
  await withFolder((folder) => work(new Setup(folder)));
}

/** Everything that people are told. */
function told({ prepared, facts, verdict }: LaunchOutcome): string {
  const { policy, found, unsigned: lacking } = prepared;
  const image = found.kind === 'built' && found.image !== undefined ? { image: found.image.id } : {};
  const unsigned = lacking === undefined ? {} : { unsigned: lacking };
  return launchReport({ policy, facts, verdict, place: placesIn(new Map()), ...image, ...unsigned }).lines.join('\n');
}

test('a launch that keeps every rule starts one instance, which ledger and audit log know', async () => {
  await withSetup(async (setup) => {
    const outcome = await setup.launch();
    assert.is(outcome.result, 'started', told(outcome));
    const [instance, ...others] = setup.cloud.instanceList;
    assert.equal(others, []);
    const { request } = instance!;
    assert.is(request.image, builtImage);
    assert.is(request.instanceType, 't3.medium');
    assert.is(request.encrypted, true);
    assert.is(request.userData, undefined);
    const id = new Map(request.tags).get(launchTag);
    assert.equal(request.tags, [
      ['Name', 'homework'],
      ['Course', 'CS101'],
      ['polc:template', 'python-ml'],
      ['polc:profile', 'cs101'],
      ['polc:policy', 'f'.repeat(64)],
      ['polc:owner', 'ben'],
      [launchTag, id],
    ]);
    assert.is(request.clientToken, id);
    assert.is(setup.ledger.entries.get(id ?? '')?.instance, instance?.id);
    const [decided, started] = records(setup.folder);
    assert.is(decided?.decision, 'allowed');
    assert.is(decided?.facts?.launch, id);
    assert.is(decided?.facts?.image, builtImage);
    assert.is(decided?.reasons.length, outcome.verdict.steps.length);
    assert.equal(started?.facts, { launch: id, instance: instance?.id, region });
    // The decision is on the disk before the instance is started, and AWS is asked before anything is written.
    assert.equal(
      setup.cloud.calls.map(({ method, on }) => `${method} ${on}`),
      [
        `image ${builtImage}`,
        'parameter /aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id',
        `image ${setup.base}`,
        'instances cs101',
        `runInstance ${id}-dry`,
        `runInstance ${id}`,
      ],
    );
  });
});

type Case = readonly [what: string, change: (setup: Setup) => void, said: string];

const unsigned = { signature: 'absent' } as const;
const otherKey = makeKey('else-2026', 'Somebody Else');

function trustSaying(more: string) {
  return trusting(key, more);
}

function changeChunk(setup: Setup, change: (tags: Map<string, string>, first: string, second: string) => void): void {
  // Long enough for several chunks.
  const types = Array.from({ length: 60 }, (_, index) => `t3.size-${index * 7919}-of-many`);
  setup.retag({ metadata: { resource_limits: { max_instance_types: ['t3.medium', ...types] } } });
  assert.ok(setup.built.tags.has(chunkTag(1)));
  change(setup.built.tags, setup.built.tags.get(chunkTag(0)) ?? '', setup.built.tags.get(chunkTag(1)) ?? '');
}

/** The rules of the university with one line changed. */
const ruled = (from: string, to: string) => (setup: Setup) => {
  assert.ok(governance.includes(from), from);
  setup.ask({ profile: askedProfile(governance.replace(from, to)) });
};

const fromBase = (text = template) => ({ template: askedTemplate(text) });

const cases: readonly Case[] = [
  ['no tags of polc', ({ built }) => built.tags.clear(), 'carry no policy'],
  ['a chunk is missing', (setup) => changeChunk(setup, (tags) => tags.delete(chunkTag(1))), 'carry no policy'],
  [
    'chunks in another order',
    (setup) => changeChunk(setup, (tags, one, two) => tags.set(chunkTag(0), two).set(chunkTag(1), one)),
    'carry no policy',
  ],
  [
    'a chunk is altered',
    (setup) =>
      changeChunk(setup, (tags, one) =>
        tags.set(chunkTag(0), `${one.slice(0, 9)}${one[9] === 'A' ? 'B' : 'A'}${one.slice(10)}`),
      ),
    'carry no policy',
  ],
  ['the head of the chunks is missing', ({ built }) => built.tags.delete(headTag), 'carry no policy'],
  ['a readable tag says something else', ({ built }) => built.tags.set('polc:template', 'other'), 'carry no policy'],
  ['the image is not signed', (setup) => setup.retag({ signer: null }), 'AMI signature missing or invalid'],
  ['the image is signed by an unknown key', (setup) => setup.retag({ signer: otherKey }), 'no key `else-2026`'],
  [
    'the signature is of another image',
    ({ built, base, cloud }) => {
      const other = builtTags(base, { now: cloud.time, image: 'ami-0abc123def456789b' });
      built.tags.set(signatureTag, other.get(signatureTag) ?? '');
    },
    'signature of something else',
  ],
  [
    'the signature is of the image in another region',
    ({ built, base, cloud }) => {
      built.tags.set(signatureTag, builtTags(base, { now: cloud.time, region: 'eu-west-1' }).get(signatureTag) ?? '');
    },
    'signature of something else',
  ],
  [
    'the key of the image has expired',
    (setup) => {
      setup.more = { trust: trustSaying('      valid_until: "2026-11-24T09:00:00Z"\n') };
    },
    'it expired at 2026-11-24T09:00:00Z',
  ],
  [
    'the key of the image is revoked',
    (setup) => {
      setup.more = { trust: trustSaying('      revoked: { at: "2026-11-24", because: it was lost }\n') };
    },
    'it is revoked: it was lost',
  ],
  [
    'the key of the image is for templates only',
    (setup) => {
      setup.more = { trust: trustSaying('      purposes: [template, approval]\n') };
    },
    'it is for template, approval, not for image',
  ],
  [
    'the signature is of a time that has not come: the clock jumped back',
    (setup) => setup.retag({ now: setup.cloud.time + 10 * minute }),
    'later than the clock here says',
  ],
  [
    'the template is not signed',
    (setup) => setup.ask({ template: askedTemplate(undefined, { verdict: unsigned }) }),
    'Template signature missing or invalid',
  ],
  [
    'the image is signed by another authority than the template, which nobody trusts',
    (setup) => {
      const { authority, keyId, publicKey } = otherKey;
      const also = `  ${authority}: { ${keyId}: { public_key: ${JSON.stringify(publicKey)} } }\n`;
      setup.more = { trust: trustSaying(also) };
      setup.retag({ signer: otherKey });
    },
    'Signing authority not trusted',
  ],
  [
    'the template is signed by another authority than the image',
    (setup) => {
      const verdict = { signature: 'valid', authority: 'Somebody Else', keyId: 'else-2026', signedAt: 0 } as const;
      setup.ask({ template: askedTemplate(undefined, { verdict }) });
    },
    'Signing authority not trusted',
  ],
  [
    'the source does not count',
    (setup) => setup.ask({ template: askedTemplate(undefined, { source: undefined }) }),
    'source',
  ],
  [
    'the source is not allowed',
    (setup) => setup.ask({ template: askedTemplate(undefined, { source: 'external' }) }),
    'External template not approved',
  ],
  ['no approval', (setup) => Object.assign(setup, { more: { approvals: [] } }), 'approval missing'],
  [
    'the approval is of the template as it was',
    (setup) => setup.ask({ template: askedTemplate(undefined, { digest: 'of it today' }) }),
    'approval missing',
  ],
  ['the approval has expired', (setup) => approve(setup, setup.cloud.time), 'approval missing'],
  ['the approval is by nobody known', (setup) => approve(setup, setup.cloud.time + day, otherKey), 'approval missing'],
  [
    'an instance type that is not allowed',
    (setup) => setup.ask({ instanceType: 'm5.large' }),
    "Institution 'state-university' restricts instance types",
  ],
  [
    'an instance type that there is not',
    (setup) => setup.ask({ instanceType: 't3.enormous' }),
    "there is no instance type 't3.enormous'",
  ],
  ['a machine of metal', (setup) => setup.ask({ instanceType: 'c5.metal' }), 'Estimated cost'],
  ['a type of another architecture', (setup) => setup.ask({ instanceType: 't4g.medium' }), 'arm64'],
  [
    'an image of another architecture than AWS says',
    (setup) => {
      setup.described = { architecture: 'arm64' };
    },
    'is for arm64',
  ],
  [
    'tags of an image of another architecture',
    (setup) => setup.retag({ metadata: { architecture: 'arm64' } }),
    'are of an image for arm64',
  ],
  [
    'tags of another template',
    (setup) => setup.retag({ metadata: { source_template: 'other' } }),
    'is an image of `other`',
  ],
  ['a region that is not allowed', (setup) => setup.ask({ region: 'us-east-1' }), "Region 'us-east-1' not allowed"],
  ['an image of another region', (setup) => setup.ask({ launched: builtImage, region: 'eu-west-1' }), 'eu-west-1'],
  ['too expensive', (setup) => setup.ask({ instanceType: 'c5.large' }), 'Estimated cost $0.19 exceeds'],
  [
    'no price',
    (setup) => {
      setup.more = { prices: readPrices('prices.yaml', 't3.micro: 0.01\n').prices };
      setup.ask({ instanceType: 't3.large' });
    },
    'unknown under',
  ],
  [
    'a negative price',
    (setup) => {
      const { prices, diagnostics } = readPrices('prices.yaml', priceFile.replace('0.0832', '-1'));
      assert.equal(
        diagnostics.map(({ code }) => code),
        ['POL8300'],
      );
      setup.more = { prices };
      setup.ask({ instanceType: 't3.large' });
    },
    'unknown under',
  ],
  ['a tag is missing', (setup) => setup.ask({ tags: new Map() }), 'Course'],
  ['a tag is empty', (setup) => setup.ask({ tags: new Map([['Course', '']]) }), 'Course'],
  ...(['expired', 'used-up', 'other-device'] as const).map((status): Case => invited(status)),
  [
    'an invitation of which nobody has the token',
    (setup) => {
      const { invitation: _, ...profile } = askedProfile();
      setup.ask({ profile });
    },
    'nvitation',
  ],
  [
    'the image is not encrypted',
    (setup) => {
      setup.described = { encrypted: false };
    },
    'Storage not encrypted',
  ],
  [
    'the image is of another account',
    (setup) => {
      setup.described = { owner: '210987654321' };
    },
    'AMI owner not approved',
  ],
  [
    'the image is not available',
    (setup) => {
      setup.described = { state: 'disabled' };
    },
    'is disabled',
  ],
  ['the image is old', (setup) => setup.retag({ metadata: { compiled_at: '2026-08-01T00:00:00Z' } }), 'days'],
  [
    'the image was made after now: the clock jumped back',
    (setup) => {
      setup.described = { madeAt: setup.cloud.time + day };
    },
    'age',
  ],
  [
    'there is a newer base image',
    ({ cloud }) => {
      cloud.time += 2 * day;
      const parameter = [...cloud.parameters.keys()][0]?.split(' ')[1];
      cloud.addBase(region, 'x86_64', parameter);
      cloud.time -= day / 2;
    },
    'base',
  ],
  ['the base image is of no name any more', ({ cloud }) => cloud.parameters.clear(), 'base'],
  ['the last scan failed', (setup) => setup.retag({ scan: 'failed' }), 'scan'],
  ['there was no scan', ({ built }) => built.tags.delete(scanTag), 'scan'],
  [
    'the verdict of a scan of another image',
    ({ built, base, cloud }) => {
      const other = builtTags(base, { now: cloud.time, image: 'ami-0abc123def456789b' });
      built.tags.set(scanTag, other.get(scanTag) ?? '');
    },
    'the verdict of the scan does not count',
  ],
  [
    'its owner calls the image deprecated',
    (setup) => {
      setup.described = { deprecatedAt: setup.cloud.time };
    },
    'deprecated',
  ],
  [
    'nobody can read when it is deprecated',
    (setup) => {
      setup.described = { deprecatedAt: Number.NaN };
    },
    'lifecycle',
  ],
  ['the template is deprecated', ruled('deprecated: [old-ml]', 'deprecated: [python-ml]'), 'deprecated'],
  ['the template is retired', ruled('retired: [python2-basic]', 'retired: [python-ml]'), 'retired'],
  [
    'the image is retired',
    ruled('retired: [python2-basic]', `retired: [${builtImage}]`),
    `AMI '${builtImage}' not allowed`,
  ],
  [
    'the image is denied by its id, and launched by its template',
    ruled('  allowed_templates: [python-ml]\n', `  allowed_templates: [python-ml]\n  denied_images: [${builtImage}]\n`),
    `AMI '${builtImage}' not allowed`,
  ],
  [
    'the image is denied by its name, and launched by its template',
    ruled(
      '  allowed_templates: [python-ml]\n',
      '  allowed_templates: [python-ml]\n  denied_images: ["python-ml-1.*"]\n',
    ),
    "AMI 'python-ml-1.0.0' not allowed",
  ],
  [
    'the template is not allowed',
    ruled('allowed_templates: [python-ml]', 'allowed_templates: [r-basic]'),
    "AMI source template 'python-ml' not allowed by profile policy",
  ],
  [
    'it builds on a template that is not allowed',
    (setup) => setup.ask({ template: askedTemplate(undefined, { inherits: ['shady-base'] }) }),
    "Template 'shady-base' not allowed for this profile",
  ],
  ['the clearance is too low', ruled('clearance: internal', 'clearance: public'), 'clearance'],
  [
    'a framework is not the template’s',
    ruled('compliance_frameworks: [HIPAA]', 'compliance_frameworks: [HIPAA, SOX]'),
    'SOX',
  ],
  ['a rule of data is not the template’s', ruled('[encrypted_storage_required]', '[no_phi]'), 'no_phi'],
  ['the budget of an hour is used up', ruled('max_hourly_budget: 0.2', 'max_hourly_budget: 0.04'), 'Hourly spend'],
  ['the budget of a day is used up', ruled('max_daily_budget: 20', 'max_daily_budget: 0.5'), 'aily spend'],
  ['the budget of a month is used up', ruled('max_monthly_budget: 200', 'max_monthly_budget: 5'), 'onthly spend'],
  [
    'the ledger is of a later time: the clock jumped back',
    ({ folder, cloud }) => writeLedger(folder, { at: new Date(cloud.time + day).toISOString() }),
    'spend unknown',
  ],
  [
    'the ledger has a line that is no record',
    ({ folder }) => appendFileSync(join(folder, 'ledger.jsonl'), 'nothing\n{"format":1}\n'),
    'spend unknown',
  ],
  [
    'Cost Explorer does not answer',
    (setup) => {
      const failure = new AwsFailure('ce:GetCostAndUsage', 'AccessDenied', 'you may not', false);
      setup.more = { reported: () => Promise.reject(failure) };
    },
    'AWS refused `ce:GetCostAndUsage`',
  ],
  [
    'Cost Explorer says that more was spent',
    (setup) => {
      setup.more = { reported: async () => ({ day: 19.9, month: 19.9 }) };
    },
    'aily spend',
  ],
  [
    'user data of more than 16 KiB',
    (setup) => {
      const script = `user_data: |\n${`  echo ${'x'.repeat(90)}\n`.repeat(200)}`;
      setup.ask({ ...fromBase(template + script), profile: lenient });
    },
    'EC2 takes 16384',
  ],
  [
    'no instance type',
    (setup) => setup.ask({ ...fromBase(template.replace('  type: t3.medium\n', '')), profile: lenient }),
    'names no instance type',
  ],
  [
    'an approval of the base image is none of the template that stands on it',
    (setup) => {
      approve(setup, setup.cloud.time + day, key, { image: setup.base, region });
      setup.ask({ ...fromBase(), profile: askedProfile('institution:\n  approval_required: true\n') });
    },
    'approval missing',
  ],
  [
    'the template has a signature that is wrong, and no institution asks for one',
    (setup) => {
      const verdict = {
        signature: 'invalid',
        why: 'altered',
        keyId: 'univ-it-2026',
        problem: 'it was changed',
      } as const;
      setup.ask({
        template: askedTemplate(undefined, { verdict }),
        profile: askedProfile('profile:\n  name: cs101\n'),
      });
    },
    "the signature of the template 'python-ml' does not count: it was changed",
  ],
  [
    'a base image that has no device that could be encrypted',
    (setup) => {
      const image = setup.cloud.image.bind(setup.cloud);
      setup.cloud.image = async (where, id) => {
        const found = await image(where, id);
        if (found === undefined) return undefined;
        const { rootDevice: _, ...others } = found;
        return others;
      };
      const rules = 'profile:\n  name: cs101\n  data_handling_rules: [encrypted_storage_required]\n';
      setup.ask({ ...fromBase(), profile: askedProfile(rules) });
    },
    'Storage not encrypted',
  ],
];

const lenient = askedProfile('profile:\n  name: cs101\n  max_hourly_cost: 5\n');

function invited(status: InvitationStatus): Case {
  return [
    `an invitation that is ${status}`,
    (setup) => setup.ask({ profile: { ...askedProfile(), invitation: status } }),
    'nvitation',
  ];
}

function approve(
  setup: Setup,
  expires: number,
  by = key,
  subject: Parameters<typeof signApproval>[0]['subject'] = { template: 'python-ml', digest: 'of the template' },
): void {
  const approval = signApproval({ subject, approver: 'ann', expires }, by, setup.cloud.time);
  setup.more = { approvals: approval === undefined ? [] : [approval] };
}

function writeLedger(folder: string, more: Readonly<Record<string, unknown>> = {}): void {
  const record = {
    format: 1,
    event: 'reserve',
    at: '2026-11-24T09:00:00Z',
    id: 'another',
    profile: 'cs101',
    who: 'ann',
    name: 'other',
    region,
    instance_type: 't3.medium',
    hourly_cost: 0.0416,
    ...more,
  };
  appendFileSync(join(folder, 'ledger.jsonl'), `${JSON.stringify(record)}\n`);
}

for (const [what, change, said] of cases) {
  test(`refused: ${what}`, async () => {
    await withSetup(async (setup) => {
      change(setup);
      const path = join(setup.folder, 'ledger.jsonl');
      const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
      const outcome = await setup.launch();
      assert.is(outcome.result, 'refused', told(outcome));
      assert.is(outcome.verdict.allowed, false);
      const text = told(outcome);
      assert.ok(text.toLowerCase().includes(said.toLowerCase()), text);
      assert.is(setup.cloud.started, 0);
      assert.is(existsSync(path) ? readFileSync(path, 'utf8') : '', before, 'nothing is reserved');
      const [decided, ...others] = records(setup.folder);
      assert.is(decided?.decision, 'refused');
      assert.is(decided?.facts?.launch, undefined);
      assert.equal(others, []);
    });
  });
}

test('an image by itself is decided by what it carries, and its source is that of its template where it is signed', async () => {
  await withSetup(async (setup) => {
    const { template: _, ...others } = setup.asked;
    approve(setup, setup.cloud.time + day, key, { image: builtImage, region });
    const asked: string[] = [];
    setup.more = {
      ...setup.more,
      sourceOf: (name) => {
        asked.push(name);
        return 'institutional';
      },
    };
    for (const launched of [builtImage, 'python-ml-1.0.0']) {
      setup.asked = { ...others, launched, name: launched };
      const outcome = await setup.launch();
      assert.is(outcome.result, 'started', told(outcome));
      assert.is(setup.cloud.instanceList.at(-1)?.request.instanceType, 't3.medium', 'what the tags say it starts with');
    }
    assert.equal([...new Set(asked)], ['python-ml']);
    setup.asked = { ...others, launched: builtImage, name: 'unsigned' };
    setup.retag({ signer: null });
    assert.is((await setup.launch()).facts.source, 'external');
    setup.asked = { ...others, launched: 'ami-0abc123def4567890', name: 'none' };
    assert.match(told(await setup.launch()), /there is no image `ami-0abc123def4567890` in us-west-2/);
    setup.asked = { ...others, launched: 'python-*', name: 'pattern' };
    const outcome = await setup.launch();
    assert.is(outcome.prepared.found.unknown, true);
    assert.is(setup.cloud.started, 2);
  });
});

test('a template without an image is launched from its base image with its script, encrypted where a rule asks for it', async () => {
  await withSetup(async (setup) => {
    const encrypted = 'profile:\n  name: cs101\n  data_handling_rules: [encrypted_storage_required]\n';
    const text = `${template}user_data: |\n  echo hello\n`.replace(
      '  type: t3.medium\n',
      '  type: t3.medium\n  root_volume_gb: 30\n',
    );
    setup.ask({ ...fromBase(text), profile: askedProfile(encrypted) });
    const outcome = await setup.launch();
    assert.is(outcome.result, 'started', told(outcome));
    const { request } = setup.cloud.instanceList[0]!;
    assert.is(request.image, setup.base);
    assert.match(request.userData ?? '', /^#!\/bin\/bash\n(.*\n)*echo hello/);
    assert.is(request.encrypted, true);
    assert.is(request.rootSize, 30);
    const plain = template.replace('  data_handling: [encrypted_storage_required]\n', '');
    setup.ask({ ...fromBase(plain), name: 'plain', profile: askedProfile('profile:\n  name: cs101\n') });
    await setup.launch();
    assert.is(setup.cloud.instanceList[1]?.request.encrypted, undefined);
    assert.is(setup.cloud.instanceList[1]?.request.rootSize, 8, 'that of the image');
  });
});

test('without institution and profile the template limits alone', async () => {
  await withSetup(async (setup) => {
    const { profile: _, ...others } = setup.asked;
    setup.retag({ signer: null });
    setup.asked = { ...others, template: askedTemplate(undefined, { verdict: unsigned, source: 'personal' }) };
    setup.more = { approvals: [] };
    assert.is((await setup.launch()).result, 'started');
    setup.ask({ name: 'second', instanceType: 'c5.4xlarge' });
    assert.match(told(await setup.launch()), /restricts instance types to/);
  });
});

test('a dry run asks AWS, is recorded, and leaves the ledger as it was', async () => {
  await withSetup(async (setup) => {
    writeLedger(setup.folder);
    const ledger = readFileSync(join(setup.folder, 'ledger.jsonl'), 'utf8');
    setup.ask({ dryRun: true });
    const outcome = await setup.launch();
    assert.is(outcome.result, 'would-start', told(outcome));
    assert.is(setup.cloud.started, 0);
    assert.is(readFileSync(join(setup.folder, 'ledger.jsonl'), 'utf8'), ledger);
    assert.equal(
      records(setup.folder).map(({ decision, facts }) => [decision, facts?.dry_run, facts?.launch]),
      [['allowed', 'true', undefined]],
    );
    assert.is(setup.cloud.calls.filter(({ method }) => method === 'runInstance').length, 1);
    setup.cloud.fault = ({ method }) =>
      method === 'runInstance'
        ? { when: 'before', error: new AwsFailure('ec2:RunInstances', 'UnauthorizedOperation', 'you may not', false) }
        : undefined;
    const denied = await setup.launch();
    assert.is(denied.result, 'refused');
    assert.match(told(denied), /AWS refused `ec2:RunInstances`: you may not \(UnauthorizedOperation\)/);
  });
});

test('one name is one instance until it ends; then it is the next', async () => {
  await withSetup(async (setup) => {
    const first = await setup.launch();
    setup.cloud.time += minute;
    const again = await setup.launch();
    assert.is(again.result, 'runs');
    assert.is(again.instance?.id, first.instance?.id);
    setup.ask({ dryRun: true });
    assert.is((await setup.launch()).result, 'runs', 'a dry run says what a launch would find');
    setup.ask({ dryRun: false, instanceType: 't3.large' });
    const other = await setup.launch();
    assert.is(other.result, 'refused');
    assert.match(told(other), /'homework' runs already as i-[0-9a-f]+, of python-ml on t3.medium: choose another name/);
    setup.ask({ instanceType: 't3.medium' });

    await setup.cloud.stopInstance(region, first.instance?.id ?? '');
    setup.cloud.time += minute;
    const stopped = await setup.launch();
    assert.equal([stopped.result, stopped.instance?.state], ['runs', 'stopped']);
    assert.is(setup.cloud.started, 1);

    await setup.cloud.terminateInstance(region, first.instance?.id ?? '');
    setup.cloud.time += minute;
    const next = await setup.launch();
    assert.is(next.result, 'started', told(next));
    assert.is(setup.cloud.started, 2);
    assert.is.not(next.instance?.id, first.instance?.id);

    // Ended so lately that the ledger still believes that it runs: AWS says that it has gone.
    await setup.cloud.terminateInstance(region, next.instance?.id ?? '');
    setup.cloud.time += minute;
    const third = await setup.launch();
    assert.is(third.result, 'started', told(third));
    assert.is(setup.cloud.started, 3);
    assert.equal(
      [...setup.ledger.entries.values()].map(({ ran }) => ran.at(-1)?.to === undefined),
      [false, false, true],
    );
  });
});

test('instances of the profile that another ledger launched are told of where a budget should count them', async () => {
  await withSetup(async (setup) => {
    const first = await setup.launch();
    assert.equal(first.uncounted, []);
    rmSync(join(setup.folder, 'ledger.jsonl'));
    setup.ask({ name: 'another' });
    setup.cloud.time += minute;
    const second = await setup.launch();
    assert.is(second.result, 'started', told(second));
    assert.equal(
      second.uncounted.map(({ instance }) => instance.id),
      [first.instance?.id],
    );
    // Without a budget there is nothing that should count them.
    rmSync(join(setup.folder, 'ledger.jsonl'));
    setup.ask({ name: 'a third', profile: askedProfile(governance.replace(/^ {2}max_\w+_budget: .*\n/gm, '')) });
    assert.equal((await setup.launch()).uncounted, []);
  });
});

test('where the ledger was lost AWS still knows the launch by its token, also one that has ended', async () => {
  await withSetup(async (setup) => {
    const first = await setup.launch();
    rmSync(join(setup.folder, 'ledger.jsonl'));
    const again = await setup.launch();
    assert.is(again.instance?.id, first.instance?.id);
    assert.is(setup.cloud.started, 1);
    await setup.cloud.terminateInstance(region, first.instance?.id ?? '');
    setup.cloud.time += minute;
    rmSync(join(setup.folder, 'ledger.jsonl'));
    const next = await setup.launch();
    assert.is(next.result, 'started', told(next));
    assert.is(setup.cloud.started, 2);
    assert.equal(
      [...setup.ledger.entries.values()].map(({ ran }) => ran.length),
      [0, 1],
      'what never ran costs nothing',
    );
  });
});

test('a launch that nobody answered counts, and is not another one when it is repeated', async () => {
  await withSetup(async (setup) => {
    const lost = new AwsFailure('ec2:RunInstances', 'Unreachable', 'socket hang up', true, false);
    setup.cloud.fault = ({ method, on }) =>
      method === 'runInstance' && !on.endsWith('-dry') ? { when: 'after', error: lost } : undefined;
    const outcome = await setup.launch();
    assert.is(outcome.result, 'uncertain');
    const [entry] = setup.ledger.entries.values();
    assert.equal([entry?.instance, entry?.ran.length], [undefined, 1]);

    // With a bigger machine the reservation would hold too little.
    setup.cloud.fault = () => undefined;
    setup.ask({ instanceType: 't3.large' });
    const bigger = await setup.launch();
    assert.is(bigger.result, 'refused');
    assert.match(told(bigger), /an earlier launch of 'homework' was of t3.medium, not of t3.large/);

    // Another failure of the same launch does not release what the first may have started.
    setup.ask({ instanceType: 't3.medium' });
    const full = new AwsFailure('ec2:RunInstances', 'InsufficientInstanceCapacity', 'no room', true);
    setup.cloud.fault = ({ method, on }) =>
      method === 'runInstance' && !on.endsWith('-dry') ? { when: 'before', error: full } : undefined;
    assert.is((await setup.launch()).result, 'failed');
    assert.is([...setup.ledger.entries.values()][0]?.ran.length, 1);

    setup.cloud.fault = () => undefined;
    setup.cloud.time += minute;
    const found = await setup.launch();
    assert.is(found.result, 'runs');
    assert.is(setup.cloud.started, 1);
    assert.is([...setup.ledger.entries.values()][0]?.instance, found.instance?.id);
    assert.equal(
      records(setup.folder)
        .filter(({ action }) => action === 'launch.start')
        .map(({ facts }) => facts?.instance),
      [found.instance?.id],
    );
  });
});

test('what AWS has no room for costs nothing, and the answer that nobody can read is no refusal', async () => {
  await withSetup(async (setup) => {
    const failing = (failure: AwsFailure) => {
      setup.cloud.fault = ({ method, on }) =>
        method === 'runInstance' && !on.endsWith('-dry') ? { when: 'before', error: failure } : undefined;
    };
    failing(new AwsFailure('ec2:RunInstances', 'InsufficientInstanceCapacity', 'no room', true));
    const full = await setup.launch();
    assert.is(full.result, 'failed');
    assert.is([...setup.ledger.entries.values()][0]?.ran.length, 0);
    failing(new AwsFailure('ec2:RunInstances', 'SyntaxError', 'Unexpected token', false, false));
    setup.ask({ name: 'other' });
    assert.is((await setup.launch()).result, 'uncertain');
    assert.is([...setup.ledger.entries.values()][1]?.ran.length, 1);
  });
});

test('nothing is started where the audit log cannot be written, and only what was reserved just now is released', async () => {
  await withSetup(async (setup) => {
    const { audit } = setup.world;
    setup.more = {
      audit: {
        append(entries) {
          if (entries.some(({ facts }) => facts?.launch !== undefined)) throw new Error('the disk is full');
          audit.append(entries);
        },
      },
    };
    await rejects(setup.launch(), 'the disk is full');
    assert.is(setup.cloud.started, 0);
    assert.is([...setup.ledger.entries.values()][0]?.ran.length, 0);
  });
});

async function rejects(work: Promise<unknown>, message: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    assert.is(error instanceof Error ? error.message : '', message);
    return;
  }
  assert.unreachable('it did not reject');
}

run();
