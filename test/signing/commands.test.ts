import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { openAuditFile } from '../../runtime/audit/file.ts';
import { launchEntry } from '../../runtime/audit/launch-record.ts';
import { findApproval } from '../../runtime/signing/approval.ts';
import { readApprovals } from '../../runtime/signing/approval-file.ts';
import { readTrustStore } from '../../runtime/signing/trust-store.ts';
import { suite } from '../support/harness.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('signing-commands');

const template = `# for the course
name: Python
base: ubuntu-22.04
`;

test('keys are made, templates signed, verified and approved, and what was changed is refused', async () => {
  await withProject((project) => {
    const env = { XDG_CONFIG_HOME: join(project.folder, 'config'), XDG_STATE_HOME: join(project.folder, 'state') };
    const polc = (...words: string[]) => project.polc(words, { env });
    project.write({ 'python.yaml': template, 'child.yaml': 'name: Child\ninherits: [python.yaml]\n' });

    assert.is(polc('template', 'sign', 'python.yaml').status, 2);
    const made = polc('keys', 'generate', 'univ-it', '--authority', 'University IT', '--days', '30');
    assert.is(made.status, 0, made.stderr);
    const keyFile = join(project.folder, 'config/polc/keys/univ-it.pem');
    assert.is(statSync(keyFile).mode & 0o777, 0o600);
    assert.is(polc('keys', 'generate', 'univ-it').status, 3);
    const second = polc('keys', 'generate', '2026', '--for', 'image');
    assert.is(second.status, 0, second.stderr);
    const trustFile = join(project.folder, 'config/polc/trust.yaml');
    const { trust, diagnostics } = readTrustStore(trustFile, readFileSync(trustFile));
    assert.equal(diagnostics, []);
    assert.equal([...trust.keys()].sort(), ['2026', 'univ-it']);
    assert.match(polc('keys', 'list').stdout, /univ-it +University IT +valid/);

    const wrongPurpose = polc('template', 'sign', 'python.yaml', '--key', '2026');
    assert.is(wrongPurpose.status, 1);
    assert.match(wrongPurpose.stderr, /POL8346/);
    const signed = polc('template', 'sign', 'python.yaml', 'child.yaml', '--key', 'univ-it');
    assert.is(signed.status, 0, signed.stderr);
    assert.ok(project.read('python.yaml').startsWith(template));
    const verified = polc('template', 'verify', 'python.yaml', 'child.yaml');
    assert.is(verified.status, 0, verified.stderr);
    assert.match(verified.stdout, /python\.yaml: signed by University IT with univ-it/);

    const before = project.read('python.yaml');
    project.write({ 'python.yaml': before.replace('ubuntu-22.04', 'ubuntu-24.04') });
    const changed = polc('template', 'verify', 'python.yaml', 'child.yaml', '--format', 'json');
    assert.is(changed.status, 4);
    // What the child inherits is signed with it.
    assert.equal(
      JSON.parse(changed.stdout).templates.map((each: { signature: string }) => each.signature),
      ['invalid', 'invalid'],
    );
    project.write({ 'python.yaml': before });

    const approved = polc('template', 'approve', 'python.yaml', '--days', '3', '--key', 'univ-it');
    assert.is(approved.status, 0, approved.stderr);
    const image = ['ami-0abc123def456789a', '--region', 'us-west-2'];
    assert.is(polc('template', 'approve', ...image, '--expires', '2001-01-01', '--key', 'univ-it').status, 2);
    assert.is(polc('template', 'approve', ...image, '--days', '1', '--key', 'univ-it').status, 0);
    const records = readApprovals(join(project.folder, 'config/polc/approvals.jsonl'));
    const subject = { image: 'ami-0abc123def456789a', region: 'us-west-2' };
    assert.ok(findApproval(records, subject, trust, Date.now()));
    assert.is(records.length, 2);

    chmodSync(keyFile, 0o644);
    const shared = polc('template', 'sign', 'python.yaml', '--key', 'univ-it');
    assert.is(shared.status, 1);
    assert.match(shared.stderr, /POL8340/);
    assert.is(project.read('python.yaml'), before);
  });
});

test('of several keys the one that counts for the purpose signs', async () => {
  await withProject(({ polc, write }) => {
    write({ 'a.yaml': 'name: A\nbase: ubuntu-22.04\n' });
    polc(['keys', 'generate', 'doors', '--for', 'invitation']);
    assert.match(polc(['template', 'verify', 'a']).stderr, /POL8002[\s\S]*name its file: the template `a` is `a.yaml`/);
    assert.match(polc(['template', 'sign', 'a.yaml']).stderr, /POL8346.*it is for invitation, not for template/);
    polc(['keys', 'generate', 'it', '--for', 'template']);
    assert.is(polc(['template', 'sign', 'a.yaml']).stdout, 'signed a.yaml with it of it\n');
    polc(['keys', 'generate', 'lab', '--for', 'template']);
    assert.match(polc(['template', 'sign', 'a.yaml']).stderr, /name one with `--key`: `it`, `lab`\n/);
  });
});

test('an audit log is verified and reported on, and one that was changed is not', async () => {
  await withProject((project) => {
    const path = join(project.folder, 'audit.jsonl');
    const log = openAuditFile(path);
    const fixed = { at: Date.now(), name: 'x', steps: [], policyHash: '', dryRun: true, launched: 'python' };
    log.append([launchEntry({ ...fixed, actor: 'ann' }), launchEntry({ ...fixed, actor: 'bob', problems: ['no'] })]);
    const whole = project.polc(['audit', 'verify', 'audit.jsonl', '--format', 'json']);
    assert.is(whole.status, 0, whole.stderr);
    const { head, records } = JSON.parse(whole.stdout);
    assert.is(records, 2);
    assert.is(project.polc(['audit', 'verify', 'audit.jsonl', '--head', head]).status, 0);
    const table = project.polc(['audit', 'report', 'audit.jsonl', '--by', 'person']);
    assert.is(table.status, 0, table.stderr);
    assert.match(table.stdout, /^1 of 2 launches refused/);
    assert.match(table.stdout, /bob +1 +1\nann +0 +1\n/);
    assert.is(project.polc(['audit', 'report', 'audit.jsonl', '--format', 'html', '--out', 'r.html']).status, 0);
    assert.match(project.read('r.html'), /<svg/);

    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, text.indexOf('\n') + 1));
    const short = project.polc(['audit', 'verify', 'audit.jsonl', '--head', head]);
    assert.is(short.status, 4);
    assert.match(short.stderr, /POL8354/);
    writeFileSync(path, text.slice(0, -9));
    const torn = project.polc(['audit', 'verify', 'audit.jsonl']);
    assert.is(torn.status, 0, torn.stderr);
    assert.match(torn.stderr, /POL8355/);
    writeFileSync(path, text.replace('"ann"', '"eve"'));
    assert.match(project.polc(['audit', 'verify', 'audit.jsonl']).stderr, /POL8353/);
    assert.is(project.polc(['audit', 'report', 'audit.jsonl']).status, 4);
    assert.is(project.polc(['audit', 'verify', 'none.jsonl']).status, 3);
  });
});

run();
