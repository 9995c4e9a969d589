import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { compileChain } from '../../cli/launch/policy-text.ts';
import { effectiveLimits } from '../../compiler/ir/launch-limits.ts';
import { readInvitation } from '../../runtime/signing/invitation.ts';
import { readTrustStore } from '../../runtime/signing/trust-store.ts';
import { suite } from '../support/harness.ts';
import { calm, type ProjectFolder, withProject } from '../support/polc-process.ts';

const { test, run } = suite('launch-profiles');
const fixtures = join(process.env.POLC_ROOT ?? '.', 'test/fixtures/launch-transcripts');

/** Another home is another person, with files of their own; the trust store is handed around. */
function person(project: ProjectFolder, name: string) {
  const env = { XDG_CONFIG_HOME: join(project.folder, name, 'c'), XDG_STATE_HOME: join(project.folder, name, 's') };
  const profiles = join(env.XDG_CONFIG_HOME, 'polc/profiles');
  return {
    polc: (...words: string[]) => project.polc(words, { env }),
    fed: (input: string, ...words: string[]) => project.polc(words, { env, input }),
    json: (...words: string[]) => JSON.parse(project.polc([...words, '--format', 'json'], { env }).stdout),
    profiles,
    trust: join(env.XDG_CONFIG_HOME, 'polc/trust.yaml'),
  };
}

type Person = ReturnType<typeof person>;

function withPeople(body: (teacher: Person, student: Person, project: ProjectFolder) => void): Promise<void> {
  return withProject((project) => {
    const teacher = person(project, 'teacher');
    const student = person(project, 'student');
    const made = teacher.polc('keys', 'generate', 'dept-cs', '--authority', 'Computer Science', '--for', 'invitation');
    assert.is(made.status, 0, made.stderr);
    body(teacher, student, project);
  });
}

const limits = [
  '--template-whitelist',
  'python-basic,r-basic,gpu-*',
  '--max-hourly-cost',
  '0.5',
  '--forbidden-regions',
  'us-east-1',
];

test('a profile is compiled before it is written, and never written over another without being told', async () => {
  await withPeople(({ polc, profiles, json }, _, project) => {
    const made = polc('profile', 'create', 'cs101', ...limits, '--clearance', 'internal');
    assert.is(made.status, 0, made.stderr);
    const file = join(profiles, 'cs101.yaml');
    const text = readFileSync(file, 'utf8');
    // What was written is what `polc check` reads.
    assert.is(polc('check', file, ...calm).status, 0);
    const again = polc('profile', 'create', 'cs101', '--max-hourly-cost', '9');
    assert.is(again.status, 2);
    assert.match(again.stderr, /POL8317/);
    assert.is(readFileSync(file, 'utf8'), text);
    for (const wrong of [
      ['--max-hourly-cost', '0'],
      ['--max-instance-types', 't3.mediun'],
      ['--forbidden-regions', 'mars-1'],
    ]) {
      assert.is(polc('profile', 'create', 'wrong', ...wrong).status, 1, wrong.join(' '));
    }
    assert.not(existsSync(join(profiles, 'wrong.yaml')));
    assert.is(polc('profile', 'create', '../wrong', ...limits).status, 2);
    assert.is(polc('profile', 'create', 'cs101', '--max-hourly-cost', '0.9', '--force').status, 0);
    assert.equal(json('profile', 'show', 'cs101').limits, ['cost of the instance: at most $0.90 an hour']);
    const printed = polc('profile', 'create', 'dept', '--ami-whitelist', 'chem-analysis-v2.1', '--out', '-');
    assert.is(printed.stdout, 'profile:\n  name: dept\n  allowed_images: [chem-analysis-v2.1]\n');
    assert.is(polc('profile', 'create', 'dept', '--image-whitelist', 'x', '--out', 'out/dept.yaml').status, 0);
    assert.match(project.read('out/dept.yaml'), /allowed_images: \[x\]/);
    assert.is(polc('profile', 'create', 'dept', '--image-whitelist', 'x', '--out', 'out/dept.yaml').status, 2);
  });
});

test('what a profile begins with is copied, with its institution', async () => {
  await withPeople(({ polc, json }, _, project) => {
    project.write({
      'state.yaml': 'institution:\n  allowed_sources: [institutional]\n  max_hourly_cost: 1\n',
      'lab.yaml': 'institution: state.yaml\nprofile:\n  template_whitelist: [a, b]\n  max_daily_budget: 20\n',
    });
    const made = polc('profile', 'create', 'group', '--from', 'lab.yaml', '--template-whitelist', 'a');
    assert.is(made.status, 0, made.stderr);
    rmSync(join(project.folder, 'state.yaml'));
    const { limits: shown } = json('profile', 'show', 'group');
    assert.ok(shown.includes('template: a'), shown.join('; '));
    assert.ok(shown.includes('spent in a day: at most $20.00'));
    assert.ok(shown.includes('source: institutional'));
    assert.ok(shown.includes('cost of the instance: at most $1.00 an hour'));
    assert.is(polc('profile', 'create', 'other', '--from', 'gone.yaml').status, 3);
    // A key that nobody knows would be a limit that is lost.
    project.write({
      'misspelt.yaml': 'instituton: { name: U, images: { max_age_days: 3 } }\nprofile: { name: x }\n',
      'template.yaml': 'name: Genomics\nbase: ubuntu-22.04\n',
      'nothing.yaml': '# later\n',
    });
    for (const file of ['misspelt.yaml', 'template.yaml', 'nothing.yaml']) {
      const wrong = polc('profile', 'create', 'other', '--from', file);
      assert.is(wrong.status, 1, file);
      assert.match(wrong.stderr, new RegExp(`POL\\d{4}[\\s\\S]*${file}`));
    }
  });
});

test("the seed's class: an invitation of nobody's profile, which is in use once it is accepted", async () => {
  await withPeople((teacher, student) => {
    const transcript = readFileSync(join(fixtures, 'class-invitation/transcript.txt'), 'utf8');
    const words = [...transcript.matchAll(/^\$ polc (profiles .*)$/gm)].map(([, line = '']) =>
      [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
    );
    const invited = teacher.polc(...(words[0] ?? []));
    assert.is(invited.status, 0, invited.stderr);
    assert.match(invited.stdout, /^polc-invitation-1\.\S+\n$/);
    const token = invited.stdout.trim();
    const accept = (words[1] ?? []).map((word) => (word === '[token]' ? token : word));
    const accepted = student.polc(...accept, '--trust', teacher.trust);
    assert.is(accepted.status, 0, accepted.stderr);
    assert.match(accepted.stdout, /^accepted CS101 Class \(read_only\) of Computer Science as CS101, .*in use now$/m);
    const shown = student.json('profile', 'show', '--trust', teacher.trust);
    assert.ok(shown.limits.includes('template: python-basic, r-basic'));
    assert.is(shown.current, true);
    assert.is(shown.invitation.status, 'valid');
    assert.is(statSync(join(student.profiles, 'CS101.token')).mode & 0o777, 0o600);
    const list = student.polc('profiles', 'list', '--trust', teacher.trust);
    assert.match(list.stdout, /^CS101 +in use +\d+ +valid until /m);
  });
});

test('an invitation that would widen the profile is refused with the limit that it breaks', async () => {
  await withPeople(({ polc }) => {
    assert.is(
      polc('profile', 'create', 'cs101', ...limits, '--clearance', 'internal', '--max-daily-budget', '5').status,
      0,
    );
    const wider: readonly (readonly [string, string, RegExp])[] = [
      ['--max-hourly-cost', '0.51', /cost of the instance: at most \$0\.50 an hour \(profile cs101\)/],
      ['--max-daily-budget', '6', /spent in a day: at most \$5\.00/],
      ['--template-whitelist', 'python-basic,python-ml', /template: gpu-\*, python-basic, r-basic/],
      // A pattern that fits more than the profile's does.
      ['--template-whitelist', 'g*', /template: gpu-\*/],
      ['--clearance', 'confidential', /internal/],
      ['--allowed-regions', 'us-east-1', /region: not us-east-1/],
    ];
    for (const [option, value, limit] of wider) {
      const refused = polc('profile', 'invite', 'cs101', 'Class', option, value);
      assert.is(refused.status, 1, `${option} ${value}`);
      assert.match(refused.stderr, /POL8316/);
      assert.match(refused.stderr, limit);
      assert.is(refused.stdout, '');
    }
    for (const narrower of [
      ['--max-hourly-cost', '0.5'],
      ['--template-whitelist', 'gpu-a100,r-basic'],
      ['--template-whitelist', 'gpu-a*'],
      ['--clearance', 'public'],
      ['--template-blacklist', 'r-basic'],
    ]) {
      const invited = polc('profile', 'invite', 'cs101', 'Class', ...narrower);
      assert.is(invited.status, 0, `${narrower.join(' ')}: ${invited.stderr}`);
    }
  });
});

test('under an institution nobody is cleared beyond what is public by an invitation alone', async () => {
  await withPeople(({ polc }, _, project) => {
    project.write({ 'lab.yaml': 'institution: { name: State }\nprofile: { name: lab }\n' });
    const refused = polc('profile', 'invite', 'lab.yaml', 'Guests', '--clearance', 'internal');
    assert.is(refused.status, 1);
    assert.match(refused.stderr, /POL8316.*clearance: public/s);
  });
});

test('a token holds the whole chain: what files said is compiled from it to the same limits', async () => {
  await withPeople((teacher, _, project) => {
    project.write({
      'state.yaml': '---\n# of the university\ninstitution:\n  required_signature: true\n  max_hourly_cost: 1.50\n',
      'dept.yaml':
        'institution: state.yaml\nprofile:\n  name: dept\n  max_monthly_budget: 1e3\n  required_tags: ["yes", Project]\n',
      'lab.yaml': 'profile: dept.yaml\ninvitation:\n  name: Guests\n  valid_days: 3\n  max_hourly_cost: .9\n',
    });
    const words = ['profile', 'invite', 'lab.yaml', 'Class', '--max-hourly-cost', '0.2', '--format', 'json'];
    const invited = teacher.polc(...words);
    assert.is(invited.status, 0, invited.stderr);
    const { trust } = readTrustStore(teacher.trust, readFileSync(teacher.trust));
    const reading = readInvitation(JSON.parse(invited.stdout).token, trust, Date.now());
    if (!('authority' in reading)) throw new Error('the token is not read');
    const project0 = { path: undefined, folder: undefined, config: undefined, diagnostics: [], ok: true };
    const chain = compileChain('token.yaml', reading.invitation.policy, '', project0);
    assert.equal(chain.diagnostics, []);
    const found = effectiveLimits(chain.policy!);
    const bound = (name: string) => found.find((limit) => limit.kind === 'at-most' && limit.attribute === name);
    const cost = bound('hourly_cost');
    assert.is(cost?.kind === 'at-most' && cost.bound, 0.2);
    assert.equal(
      cost?.looser.map(({ origin }) => origin.by),
      ['institution state', 'invitation guests'],
    );
    const month = bound('monthly_spend');
    assert.is(month?.kind === 'at-most' && month.bound, 1000);
    assert.equal(
      found.flatMap((limit) => (limit.kind === 'tagged' ? [limit.tag] : [])),
      ['yes', 'Project'],
    );
    assert.ok(found.some((limit) => limit.kind === 'is' && limit.attribute === 'signature'));
  });
});

test('a token is refused that is changed, of a stranger, expired or used up', async () => {
  await withPeople((teacher, student, project) => {
    assert.is(teacher.polc('profile', 'create', 'cs101', ...limits).status, 0);
    const token = teacher.polc('profile', 'invite', 'cs101', 'Class', '--uses', '1').stdout.trim();
    const accept = (text: string, ...more: string[]) =>
      student.polc('profile', 'accept', '--encoded', text, '--trust', teacher.trust, ...more);
    for (const at of [0, 20, 40, 60, Math.floor(token.length / 2), token.length - 40]) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = accept(token.slice(0, at) + other + token.slice(at + 1));
      assert.is(changed.status, 4, `character ${at}`);
    }
    assert.is(accept(token.slice(0, -1)).status, 4);
    assert.match(student.polc('profile', 'accept', '--encoded', token).stderr, /POL8344/);
    assert.not(existsSync(join(student.profiles, 'cs101.token')));
    assert.is(accept(token).status, 0);
    // The same device accepts it again, under another name too, and another person's count is used up.
    assert.is(accept(token, '--name', 'again').status, 0);
    assert.is(accept(token).status, 2);
    // On a busy machine it may have expired before it is accepted: then one that lasts longer.
    for (let seconds = 2; ; seconds *= 3) {
      const short = new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z/, 'Z');
      const soon = teacher.polc('profile', 'invite', 'cs101', 'Short', '--expires', short);
      const accepted = soon.status === 0 ? accept(soon.stdout.trim(), '--name', 'short') : soon;
      if (accepted.status !== 0 && seconds < 60) continue;
      assert.is(accepted.status, 0, accepted.stderr);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(0, Date.parse(short) - Date.now() + 50));
      assert.match(accept(soon.stdout.trim(), '--name', 'late').stderr, /expired at/);
      break;
    }
    const shown = student.json('profile', 'show', 'short', '--trust', teacher.trust);
    assert.is(shown.invitation.status, 'expired');
    // Acceptances that are gone are none of this device.
    rmSync(join(project.folder, 'student/s/polc/acceptances.jsonl'));
    assert.is(student.json('profile', 'show', 'again', '--trust', teacher.trust).invitation.status, 'other-device');
  });
});

test('the token counts, whatever becomes of the policy beside it or of its key', async () => {
  await withPeople((teacher, student, project) => {
    assert.is(teacher.polc('profile', 'create', 'cs101', ...limits).status, 0);
    const token = teacher.polc('profile', 'invite', 'cs101', 'Class').stdout;
    const accepted = student.fed(token, 'profile', 'accept', '-', '--trust', teacher.trust);
    assert.is(accepted.status, 0, accepted.stderr);
    const file = join(student.profiles, 'cs101.yaml');
    project.write({ 'student/c/polc/profiles/cs101.yaml': readFileSync(file, 'utf8').replace('0.5', '50') });
    const shown = student.polc('profile', 'show', '--trust', teacher.trust);
    assert.is(shown.status, 0);
    assert.match(shown.stdout, /at most \$0\.50 an hour/);
    assert.match(shown.stderr, /POL8319/);
    // Without its token the policy asks for an invitation that nobody has.
    assert.match(readFileSync(file, 'utf8'), /^invitation:/m);
    const store = readFileSync(teacher.trust, 'utf8');
    project.write({ 'revoked.yaml': store.replace(/(public_key: .*)/, '$1\n      revoked: { because: lost }') });
    const revoked = student.polc('profile', 'show', '--trust', 'revoked.yaml');
    assert.is(revoked.status, 1);
    assert.match(revoked.stderr, /POL8346/);
    assert.is(student.polc('profile', 'list', '--trust', 'revoked.yaml').status, 1);
  });
});

test('whoever was invited invites others as an administrator only, and for no longer', async () => {
  await withPeople((teacher, student) => {
    assert.is(teacher.polc('profile', 'create', 'cs101', ...limits).status, 0);
    const made = student.polc('keys', 'generate', 'tutor');
    assert.is(made.status, 0, made.stderr);
    const accept = (type: string) => {
      const token = teacher.polc('profile', 'invite', 'cs101', type, '--type', type, '--days', '10').stdout.trim();
      const words = ['--encoded', token, '--name', type, '--trust', teacher.trust];
      assert.is(student.polc('profile', 'accept', ...words).status, 0);
    };
    accept('read_only');
    accept('admin');
    // One store for both: the teacher's key that the profile came with, and the tutor's own.
    const own = readFileSync(student.trust, 'utf8').replace(/^[\s\S]*authorities:\n/, '');
    const both = `${readFileSync(teacher.trust, 'utf8').trimEnd()}\n${own}`;
    assert.ok(both.includes('tutor') && both.includes('dept-cs'));
    const trust = [...['--trust', join(student.profiles, '../both.yaml')], '--key', 'tutor'];
    writeFileSync(join(student.profiles, '../both.yaml'), both);
    const refused = student.polc('profile', 'invite', 'read_only', 'Friends', '--days', '1', ...trust);
    assert.is(refused.status, 1);
    assert.match(refused.stderr, /POL8318/);
    const longer = student.polc('profile', 'invite', 'admin', 'Friends', '--days', '11', ...trust);
    assert.is(longer.status, 1);
    assert.match(longer.stderr, /POL8316.*it ends at/s);
    const wider = student.polc(
      'profile',
      'invite',
      'admin',
      'Friends',
      '--max-hourly-cost',
      '1',
      '--days',
      '1',
      ...trust,
    );
    assert.is(wider.status, 1);
    const invited = student.polc(
      'profile',
      'invite',
      'admin',
      'Friends',
      '--max-hourly-cost',
      '0.1',
      '--days',
      '1',
      ...trust,
    );
    assert.is(invited.status, 0, invited.stderr);
  });
});

test('the profile in use, POLC_PROFILE and --none; what is named has to be there', async () => {
  await withPeople(({ polc }, _, project) => {
    assert.is(polc('profile', 'show').status, 2);
    assert.is(polc('profile', 'use', 'gone').status, 2);
    assert.match(polc('profile', 'show', 'gone').stderr, /POL8314/);
    assert.is(polc('profile', 'create', 'a', '--max-hourly-cost', '1', '--use').status, 0);
    assert.is(polc('profile', 'create', 'b', '--max-hourly-cost', '2').status, 0);
    assert.is(polc('profile', 'create', 'chemistry').status, 0);
    assert.match(polc('profile', 'use', 'chemstry').stderr, /POL8314.*`chemstry`[\s\S]*did you mean `chemistry`\?/);
    // A file of the name in the current folder does not replace the profile.
    project.write({ 'a.yaml': 'profile: { name: a, max_hourly_cost: 100 }\n' });
    assert.match(polc('profile', 'show', 'a').stdout, /at most \$1\.00/);
    assert.match(polc('profile', 'show', './a.yaml').stdout, /at most \$100\.00/);
    assert.is(polc('profile', 'use', 'b').status, 0);
    assert.match(polc('profile', 'show').stdout, /^b, in use: /);
    assert.is(polc('profile', 'use', '--none').status, 0);
    assert.is(polc('profile', 'show').status, 2);
    const env = { XDG_CONFIG_HOME: join(project.folder, 'teacher/c'), POLC_PROFILE: 'a' };
    assert.match(project.polc(['profile', 'show'], { env }).stdout, /^a: /);
    const gone = project.polc(['profile', 'show'], { env: { ...env, POLC_PROFILE: 'gone' } });
    assert.is(gone.status, 2);
  });
});

test('the help says what else verbs and options are called', async () => {
  await withPeople(({ polc }) => {
    assert.match(polc('profile', '--help').stdout, /^also: polc profiles$/m);
    assert.match(polc('profile', 'invite', '--help').stdout, /^also: polc profile invitations create$/m);
    assert.match(polc('profile', 'accept', '--help').stdout, /accept-invitation/);
    assert.match(polc('profile', 'create', '--help').stdout, /also --ami-whitelist/);
    assert.match(polc('template', 'build', '--help').stdout, /^also: polc template compile$/m);
  });
});

run();
