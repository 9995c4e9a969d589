import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { calm, withProject } from '../support/polc-process.ts';

const { test, run } = suite("Kuadrant's resources");

const gateway = (name: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: envoy, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`;
const limits = (window: string) => `apiVersion: kuadrant.io/v1
kind: RateLimitPolicy
metadata: { name: limits }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: web }
  limits: { all: { rates: [{ limit: 10, window: ${window} }] } }
`;

test('what else lies in the workspace counts, and is looked at anew each time', () =>
  withProject(({ write, polc }) => {
    write({ 'limits.yaml': limits('1m'), 'below/gateway.yaml': gateway('web') });
    const sound = polc(['check', ...calm]);
    assert.equal([sound.status, sound.stderr], [0, '']);
    write({ 'below/gateway.yaml': gateway('wbe') });
    const lost = polc(['check', 'limits.yaml', ...calm]);
    assert.is(lost.status, 0);
    assert.match(
      lost.stderr + lost.stdout,
      /POL3120.*no Gateway of the workspace is called `web`[\s\S]*did you mean `wbe`/,
    );
    write({ 'other.yaml': gateway('web') });
    const found = polc(['check', 'limits.yaml', ...calm]);
    assert.not.match(found.stderr + found.stdout, /POL3120/);
  }));

test('files that are named together are compared with each other, and those of one folder otherwise', () =>
  withProject(({ write, polc }) => {
    write({ 'a/limits.yaml': limits('1m'), 'b/limits.yaml': limits('2m').replace('name: limits', 'name: others') });
    const apart = polc(['check', '.', ...calm]);
    assert.not.match(apart.stderr, /POL5134/);
    assert.match(apart.stdout, /^2 policies checked · compared within each folder$/m);
    const named = polc(['check', 'a', 'b', ...calm]);
    assert.is(named.stderr.match(/POL5134/g)?.length, 2);
    assert.match(named.stdout, /^2 policies checked · compared across all 2 files · 2 warnings$/m);
  }));

test('a build of them writes no artifact, and says so', () =>
  withProject(({ write, read, polc }) => {
    write({ 'limits.yaml': limits('1m') });
    const built = polc(['build', 'limits.yaml', '--out', 'dist', ...calm]);
    assert.is(built.status, 0, built.stderr);
    assert.match(built.stdout, /limits +kuadrant +nothing: the file is read as it is/);
    assert.equal(JSON.parse(read('dist/limits/manifest.json')).dialect, 'kuadrant');
  }));

test('check --fix corrects what is certain', () =>
  withProject(({ write, read, polc }) => {
    write({ 'limits.yaml': `# kept\n${limits('1d')}` });
    const fixed = polc(['check', '--fix', ...calm]);
    assert.is(fixed.status, 0, fixed.stderr);
    assert.is(read('limits.yaml'), `# kept\n${limits('24h')}`);
  }));

test('migrate rewrites old versions, says what is left, and with --check only tells', () =>
  withProject(({ write, read, polc }) => {
    const old = limits('1m').replace('io/v1\n', 'io/v1beta2 # was\n');
    write({ 'old.yaml': old.replace('window: 1m', 'duration: 1, unit: day'), 'new.yaml': limits('1m') });
    const asked = polc(['migrate', '--check', '.']);
    assert.equal([asked.status, asked.stdout, asked.stderr], [4, 'old.yaml  2 changes\n', '']);
    const done = polc(['migrate', '.']);
    assert.equal([done.status, done.stdout, done.stderr], [0, 'old.yaml  2 changes\n', '']);
    assert.is(read('old.yaml'), limits('24h').replace('io/v1\n', 'io/v1 # was\n'));
    assert.is(read('new.yaml'), limits('1m'));
    assert.equal([polc(['migrate', '.']).status, polc(['migrate', '--check', '.']).status], [0, 0]);
    write({ 'old.yaml': old.replace('  limits:', '  routeSelectors: []\n  limits:') });
    const left = polc(['migrate', 'old.yaml']);
    assert.is(left.status, 1);
    assert.match(left.stderr + left.stdout, /POL2079/);
    assert.match(read('old.yaml'), /io\/v1 # was/);
  }));

run();
