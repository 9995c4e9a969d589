import { equal } from 'uvu/assert';
import { openDocument } from '../../compiler/editor/document.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('recognise');

/** What polc takes a file for that nobody has named a dialect for; `broken` as it is while somebody types at its end. */
function taken(name: string, text: string): { whole: string; broken: string } {
  const open = (each: string) => openDocument(`/w/${name}`, each, 1).dialect?.name ?? 'nothing';
  return { whole: open(text), broken: open(`${text}[\n`) };
}

const others: Readonly<Record<string, string>> = {
  'openapi.yaml':
    'openapi: 3.0.0\ninfo: {title: x, version: "1"}\npaths: {}\ncomponents: {}\nsecurity:\n  - bearer: []\n',
  'config/packages/security.yaml': 'security:\n  providers: {}\n  firewalls: {}\n  access_control: []\n',
  'pnpm-workspace.yaml': 'packages:\n  - a\noverrides:\n  foo: 1\n',
  '.eslintrc.yaml': 'root: true\nextends: [a]\noverrides:\n  - files: x\n',
  'snapcraft.yaml': 'name: x\nbase: core22\nversion: "1"\nsummary: s\ndescription: d\nparts: {}\n',
  'melos.yaml': 'name: x\npackages:\n  - packages/*\ncommand: {}\nscripts: {}\n',
  '.github/settings.yml': 'repository:\n  name: x\nlabels: []\nteams:\n  - name: core\n    permission: push\n',
  '.prospector.yaml': 'profile: strict\nuses: [django]\nautodetect: true\n',
  'values.yaml':
    'mode: standalone\nresources: {limits: {memory: 1Gi}}\nimage: x\nnetwork: {}\nreplicas: 1\nservice: {}\n',
  'user-data.yaml': '#cloud-config\npackages: [a]\nusers: []\nname: x\nruncmd: []\n',
  'docker-compose.yml': 'name: x\nservices:\n  web: {image: nginx, profiles: [dev]}\nnetworks: {}\n',
  '.github/workflows/ci.yml': 'name: ci\non: [push]\njobs: {}\n',
  'deployment.yaml': 'kind: Deployment\nspec: {}\nmetadata: {name: x}\n',
};

for (const [name, text] of Object.entries(others)) {
  test(`${name} of another tool is no policy`, () => {
    equal(taken(name, text), { whole: 'nothing', broken: 'nothing' });
  });
}

const policies: Readonly<Record<string, readonly [dialect: string, text: string]>> = {
  'a name and a mode': ['sandbox', 'profile: web\nmode: sandbox\n'],
  'a section without a value': ['sandbox', 'profile: web\nsecurity:\n'],
  'a mistake in a section': ['sandbox', 'profile: web\nresources:\n  memroy: 1GiB\n'],
  'one section': ['sandbox', 'security:\n  seccomp: {default: allow}\n'],
  'a mistake at the top': ['sandbox', 'profile: web\nmode: sandbox\nsecurty: {}\n'],
  'the name of a guardrail': ['guardrail', 'policy_id: a\n'],
  'the name of a guardrail, and a mistake': ['guardrail', 'policy_id: a\nmod: manual\nactons: []\n'],
  'what a guardrail overrides': ['guardrail', 'extends: base.yaml\noverrides: { ttl_minutes: 5 }\n'],
  teams: ['tenancy', 'teams:\n  red: { tier: gold }\n'],
  'a template': ['template', 'name: lab\nbase: ubuntu-22.04\n'],
  'an institution': ['governance', 'institution: { name: u }\n'],
};

for (const [name, [dialect, text]] of Object.entries(policies)) {
  test(`a policy by ${name}`, () => equal(taken('some.yaml', text), { whole: dialect, broken: dialect }));
}

test('a file that is called a policy needs one key of a dialect', () => {
  equal(taken('some.polc.yaml', 'profile: web\nfoo: 1\nbar: 2\n'), { whole: 'sandbox', broken: 'sandbox' });
});

run();
