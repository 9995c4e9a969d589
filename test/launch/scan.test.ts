import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { scanTag, tagLimits } from '../../compiler/images/tag-names.ts';
import { mostScanBytes, readScanFile, type ScanVerdict } from '../../runtime/launch/scan/read-scan.ts';
import { readScan, signScan } from '../../runtime/launch/scan/scan-tag.ts';
import { type Counts, severities, type Threshold, thresholds } from '../../runtime/launch/scan/severity.ts';
import { signImage, verifyImage } from '../../runtime/signing/image.ts';
import { readTrustStore } from '../../runtime/signing/trust-store.ts';
import { suite } from '../support/harness.ts';
import { makeKey, trusting } from '../support/keys.ts';
import { type Finished, withProject } from '../support/polc-process.ts';
import { startStrictEc2 } from '../support/strict-ec2.ts';

const { test, run } = suite('scan');

type Fields = Readonly<Record<string, unknown>>;

const sarif = (results: unknown, more: Fields = {}) => ({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'a scanner', rules } }, results, ...more }],
});
const rules = [
  { id: 'CVE-1', properties: { 'security-severity': '9.8' } },
  { id: 'CVE-2', properties: { 'security-severity': '5.5' }, defaultConfiguration: { level: 'error' } },
  { id: 'CVE-3', defaultConfiguration: { level: 'note' } },
  { id: 'CVE-4', properties: { 'security-severity': '0.0' }, defaultConfiguration: { level: 'error' } },
  { id: 'CVE-5', properties: { 'security-severity': 'bad' } },
];
const vex = (vulnerabilities: unknown, more: Fields = {}) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  vulnerabilities,
  ...more,
});
const rated = (...ratings: readonly Fields[]) => ({ id: 'CVE-1', ratings });
const analysed = (state: string) => ({ ...rated({ severity: 'critical' }), analysis: { state } });

function read(document: unknown, failOn: Threshold = 'high'): ScanVerdict | { readonly problem: string } {
  return readScanFile(Buffer.from(JSON.stringify(document)), failOn);
}

function found(document: unknown): string {
  const scan = read(document);
  if ('problem' in scan) return scan.problem;
  const parts = severities
    .filter((severity) => scan.counts[severity] > 0)
    .map((each) => `${scan.counts[each]} ${each}`);
  return [...parts, ...(scan.settled > 0 ? [`${scan.settled} settled`] : [])].join(', ') || 'nothing';
}

test('results of SARIF are as severe as their score says, or else their level', () => {
  const expected: readonly (readonly [result: Fields, severity: string])[] = [
    [{ ruleId: 'CVE-1', level: 'note' }, '1 critical'],
    [{ ruleIndex: 1 }, '1 medium'],
    [{ rule: { index: 2 } }, '1 low'],
    [{ rule: { id: 'CVE-3' }, level: 'error' }, '1 high'],
    [{ ruleId: 'CVE-4' }, '1 high'],
    [{ ruleId: 'CVE-5' }, '1 medium'],
    [{ ruleId: 'CVE-1', properties: { 'security-severity': 7 } }, '1 high'],
    [{ ruleId: 'other' }, '1 medium'],
    [{ level: 'none' }, '1 none'],
    [{ level: 'fatal' }, '1 unknown'],
    [{ level: 'note', kind: 'open' }, '1 unknown'],
    [{ kind: 'pass' }, 'nothing'],
    [{ ruleId: 'CVE-1', baselineState: 'absent' }, '1 settled'],
    [{ ruleId: 'CVE-1', suppressions: [{ kind: 'external' }] }, '1 settled'],
    [{ ruleId: 'CVE-1', suppressions: [{ status: 'accepted' }, { status: 'underReview' }] }, '1 critical'],
    [{ ruleId: 'CVE-1', suppressions: [] }, '1 critical'],
  ];
  for (const [result, severity] of expected) assert.is(found(sarif([result])), severity, JSON.stringify(result));
  assert.is(
    found(sarif(expected.map(([result]) => result))),
    '3 critical, 3 high, 3 medium, 1 low, 1 none, 2 unknown, 2 settled',
  );
  const extended = sarif([{ rule: { index: 0, toolComponent: { index: 0 } } }], {
    tool: { driver: { name: 'a' }, extensions: [{ name: 'b', rules: [rules[0]] }] },
  });
  assert.is(found(extended), '1 critical');
});

test('vulnerabilities of CycloneDX are as severe as the worst rating, unless an analysis settled them', () => {
  const expected: readonly (readonly [vulnerability: Fields, severity: string])[] = [
    [rated({ severity: 'low' }, { severity: 'high' }, { severity: 'unknown' }), '1 high'],
    [rated({ score: 9.1, method: 'CVSSv31' }), '1 critical'],
    [rated({ score: 9.1, method: 'OWASP' }), '1 unknown'],
    [rated({ score: 11, method: 'CVSSv3' }), '1 unknown'],
    [rated({ severity: 'info' }), '1 none'],
    [rated({ severity: 'severe' }), '1 unknown'],
    [rated(), '1 unknown'],
    [{ id: 'CVE-2' }, '1 unknown'],
    ...['resolved', 'resolved_with_pedigree', 'false_positive', 'not_affected'].map(
      (state) => [analysed(state), '1 settled'] as const,
    ),
    ...['exploitable', 'in_triage', 'fine'].map((state) => [analysed(state), '1 critical'] as const),
  ];
  for (const [each, severity] of expected) assert.is(found(vex([each])), severity, JSON.stringify(each));
  assert.is(found(vex([])), 'nothing');
});

test('what is not the whole result of a scan that ended well has no verdict', () => {
  const bad: readonly (readonly [document: unknown, problem: RegExp])[] = [
    [[], /no JSON object/],
    [{}, /neither/],
    [{ ...sarif([]), version: '2.0.0' }, /2\.1\.0/],
    [{ version: '2.1.0', runs: [] }, /no run/],
    [{ version: '2.1.0', runs: 'none' }, /`runs` is no array/],
    [sarif(undefined), /no results/],
    [sarif(null), /no results/],
    [sarif(['finding']), /`runs\[0\]\.results\[0\]` is no object/],
    [sarif([], { invocations: [{ executionSuccessful: false }] }), /the scan failed/],
    [
      sarif([], { invocations: [{ executionSuccessful: true, toolExecutionNotifications: [{ level: 'error' }] }] }),
      /met an error/,
    ],
    [sarif([], { externalPropertyFileReferences: { results: [{ location: {} }] } }), /in other files/],
    [{ ...sarif([]), inlineExternalProperties: [{ results: [{}] }] }, /in other files/],
    [{ version: '2.1.0', runs: [{ results: [] }] }, /`tool` is no object/],
    [vex(undefined), /nobody looked/],
    [vex({}), /`vulnerabilities` is no array/],
    [vex([], { specVersion: '1.3' }), /1\.4 to 1\.7/],
    [vex([], { specVersion: 1.5 }), /1\.4 to 1\.7/],
    [vex([{ ratings: ['high'] }]), /`ratings` is no object/],
    [vex([{ analysis: 'resolved' }]), /`analysis` is no object/],
  ];
  for (const [document, problem] of bad) {
    const reading = read(document);
    assert.match('problem' in reading ? reading.problem : `a verdict: ${JSON.stringify(document)}`, problem);
  }
  for (const text of ['', '{', '\ufeff\ufeff{}', '{"runs":[]} x']) {
    assert.ok('problem' in readScanFile(Buffer.from(text), 'high'), text);
  }
  assert.ok('problem' in readScanFile(Buffer.from([0x22, 0xff, 0x22]), 'high'));
  assert.ok('problem' in readScanFile(new Uint8Array(mostScanBytes + 1), 'high'));
});

test('no bytes and no JSON bring the reader down', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.jsonValue(), fc.jsonValue(), (bytes, one, other) => {
      readScanFile(bytes, 'high');
      for (const document of [one, { version: '2.1.0', runs: one }, sarif(one), sarif([one], { tool: other })])
        read(document);
      for (const document of [vex(one), vex([one]), vex([{ ratings: one, analysis: other }])]) read(document);
    }),
    { numRuns: 300 },
  );
});

test('one finding more, or a stricter threshold, never makes a scan pass that failed', () => {
  const finding = fc
    .constantFrom('critical', 'high', 'medium', 'low', 'info', 'unknown')
    .map((severity) => rated({ severity }));
  fc.assert(
    fc.property(fc.array(finding, { maxLength: 4 }), finding, fc.constantFrom(...thresholds), (all, more, failOn) => {
      const passed = (findings: readonly Fields[], at: Threshold) => {
        const reading = read(vex(findings), at);
        return 'verdict' in reading && reading.verdict === 'passed';
      };
      if (!passed(all, failOn)) assert.not(passed([...all, more], failOn));
      const stricter = thresholds.slice(thresholds.indexOf(failOn) + 1);
      if (!passed(all, failOn)) for (const each of stricter) assert.not(passed(all, each));
      // A list of what fails, written out.
      const fails = {
        critical: 'critical',
        high: 'critical high',
        medium: 'critical high medium',
        low: 'critical high medium low',
      };
      const bad = all.some(({ ratings }) =>
        `${fails[failOn]} unknown`.split(' ').includes(String(ratings[0]?.severity)),
      );
      assert.is(passed(all, failOn), !bad);
    }),
  );
});

const now = Date.parse('2026-11-23T12:00:00Z');
const image = { image: 'ami-0abc123def456789a', region: 'eu-west-1', owner: '123456789012' };
const key = makeKey('univ-it-2026');
const trust = trusting(key);
const counts: Counts = { critical: 0, high: 2, medium: 7, low: 0, none: 1, unknown: 0 };
const scan = {
  verdict: 'passed',
  failOn: 'critical',
  counts,
  digest: createHash('sha256').digest('base64url'),
} as const;

function tagged(value: string | undefined): ReadonlyMap<string, string> {
  return new Map(value === undefined ? [] : [[scanTag, value]]);
}

test('a signed verdict is read back, and one of another image, time, key or purpose is none', () => {
  const value = signScan(scan, image, key, now) ?? '';
  const read = readScan(tagged(value), image, trust, now + 1000);
  assert.equal(read, {
    scan: 'passed',
    failOn: 'critical',
    counts,
    signedAt: now,
    authority: 'University IT',
    keyId: key.keyId,
  });
  assert.is(readScan(new Map(), image, trust, now).scan, 'absent');
  const failed = signScan({ ...scan, verdict: 'failed' }, image, key, now);
  assert.is(readScan(tagged(failed), image, trust, now).scan, 'failed');
  for (const change of [{ image: 'ami-0abc123def456789b' }, { region: 'eu-west-2' }, { owner: '123456789013' }]) {
    assert.is(readScan(tagged(value), { ...image, ...change }, trust, now).scan, undefined);
  }
  assert.is(readScan(tagged(value), image, trust, now - 600_000).scan, undefined);
  assert.is(readScan(tagged(value), image, new Map(), now).scan, undefined);
  for (const more of [
    '      purposes: [template]\n',
    '      valid_until: "2026-11-22"\n',
    '      revoked: { because: lost }\n',
  ]) {
    assert.is(readScan(tagged(value), image, trusting(key, more), now).scan, undefined, more);
  }
  // The image's own signature says nothing of scans, and a scan's nothing of the image.
  const other = signImage({ ...image, digest: scan.digest }, key, now);
  assert.is(readScan(tagged(other), image, trust, now).scan, undefined);
  const asImage = new Map([
    ['polc:signature', `1:${key.keyId}:2026-11-23T12:00:00Z:${value.slice(value.lastIndexOf(':') + 1)}`],
  ]);
  assert.is(verifyImage(asImage, { ...image, digest: scan.digest }, trust, now).signature, 'invalid');
});

test('every change of one character of the tag is refused', () => {
  const value = signScan(scan, image, key, now) ?? '';
  for (let at = 0; at <= value.length; at++) {
    for (const character of ['0', '1', 'a', 'Z', ':', '.', '-', '_', ' ', '']) {
      for (const changed of [
        value.slice(0, at) + character + value.slice(at + 1),
        value.slice(0, at) + character + value.slice(at),
      ]) {
        if (changed === value) continue;
        assert.is(readScan(tagged(changed), image, trust, now).scan, undefined, changed);
      }
    }
  }
});

test('a verdict fits into a tag with any counts, or is refused for the id of its key', () => {
  const many: Counts = { critical: 1e6, high: 1e6, medium: 1e6, low: 1e6, none: 1e6, unknown: 1e6 };
  const worst = { ...scan, verdict: 'failed', counts: many } as const;
  for (const length of [1, 56, 57, 128]) {
    const long = { ...key, keyId: 'k'.repeat(length) };
    const value = signScan(worst, image, long, now);
    assert.is(value === undefined, length > 56);
    if (value === undefined) continue;
    assert.ok(value.length <= tagLimits.value);
    const read = readScan(tagged(value), image, trusting(long), now);
    assert.is('counts' in read ? read.counts.critical : undefined, 9999);
  }
});

test('polc template scan writes the verdict on the image in EC2, and ends with it', async () => {
  const ec2 = await startStrictEc2();
  try {
    await withProject(async (project) => {
      const env = {
        XDG_CONFIG_HOME: join(project.folder, 'config'),
        AWS_ENDPOINT_URL: ec2.url,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      };
      // The server is in this process, which must not wait for the other.
      const polc = (...words: string[]) =>
        new Promise<Finished>((done) => {
          const child = project.start(words, { env });
          let [stdout, stderr] = ['', ''];
          child.stdout?.on('data', (part: Buffer) => (stdout += part.toString()));
          child.stderr?.on('data', (part: Buffer) => (stderr += part.toString()));
          child.on('close', (status) => done({ status, stdout, stderr }));
        });
      const { id, owner } = ec2.addImage({ region: 'eu-west-1' });
      project.write({
        'good.json': JSON.stringify(vex([analysed('not_affected'), rated({ severity: 'low' })])),
        'bad.sarif': JSON.stringify(sarif([{ ruleId: 'CVE-1' }])),
        'none.json': JSON.stringify(vex(undefined)),
      });
      const place = ['--region', 'eu-west-1'];
      assert.is((await polc('template', 'scan', id, 'good.json', ...place)).status, 2);
      assert.is((await polc('keys', 'generate', 'univ-it', '--for', 'image')).status, 0);
      const tags = () => ec2.images.get(id)?.tags ?? new Map<string, string>();
      const trustFile = join(project.folder, 'config/polc/trust.yaml');
      const reading = () => {
        const store = readTrustStore(trustFile, project.read('config/polc/trust.yaml')).trust;
        return readScan(tags(), { image: id, region: 'eu-west-1', owner }, store, Date.now()).scan;
      };

      const passed = await polc('template', 'scan', id, 'good.json', ...place, '--sign-with', 'univ-it');
      assert.is(passed.status, 0, passed.stderr);
      assert.is(passed.stdout, `✔ ${id} in eu-west-1 passed its scan: 1 low, 1 settled (fails from high on)\n`);
      assert.is(reading(), 'passed');
      const failed = await polc('template', 'scan', id, 'bad.sarif', ...place, '--format', 'json');
      assert.is(failed.status, 4, failed.stderr);
      const { verdict, digest } = JSON.parse(failed.stdout);
      const sha256 = createHash('sha256').update(project.read('bad.sarif')).digest('base64url');
      assert.equal([verdict, digest], ['failed', `sha256-${sha256}`]);
      assert.is(reading(), 'failed');

      const before = tags().get(scanTag);
      const strict = await polc('template', 'scan', id, 'good.json', ...place, '--fail-on', 'low');
      assert.is(strict.status, 4, strict.stderr);
      assert.is.not(tags().get(scanTag), before);
      const last = tags().get(scanTag);
      const refusals: readonly (readonly [status: number, code: RegExp, words: readonly string[]])[] = [
        [2, /no id of an image/, ['image', 'good.json', ...place]],
        [2, /no region/, [id, 'good.json']],
        [1, /POL8305/, [id, 'none.json', ...place]],
        [3, /POL8002/, [id, 'nowhere.json', ...place]],
        [3, /POL8308/, [id, 'good.json', '--region', 'us-east-1']],
        [1, /POL8341/, [id, 'good.json', ...place, '--sign-with', 'nobody']],
      ];
      for (const [status, code, words] of refusals) {
        const refused = await polc('template', 'scan', ...words);
        assert.is(refused.status, status, refused.stderr);
        assert.match(refused.stderr, code);
      }
      ec2.settings.denies = (action) => action === 'ec2:CreateTags';
      const denied = await polc('template', 'scan', id, 'good.json', ...place);
      assert.is(denied.status, 3, denied.stderr);
      assert.match(denied.stderr, /POL8307.*`ec2:CreateTags` failed/s);
      assert.is(tags().get(scanTag), last);
      const long = 'k'.repeat(120);
      ec2.settings.denies = () => false;
      assert.is((await polc('keys', 'generate', long)).status, 0);
      const tooLong = await polc('template', 'scan', id, 'good.json', ...place, '--sign-with', long);
      assert.is(tooLong.status, 1, tooLong.stderr);
      assert.match(tooLong.stderr, /POL8306/);
    });
  } finally {
    await ec2.close();
  }
});

run();
