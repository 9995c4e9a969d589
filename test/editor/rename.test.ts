import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import { policyName } from '../../compiler/dialects/governance/names.ts';
import { definitionsOf } from '../../compiler/editor/definition.ts';
import { formatEdits } from '../../compiler/editor/format-edits.ts';
import { hierarchyAt, takenBy, takenFrom } from '../../compiler/editor/hierarchy.ts';
import { lensesOf } from '../../compiler/editor/lens.ts';
import { linksOf } from '../../compiler/editor/links.ts';
import { namesIn } from '../../compiler/editor/names.ts';
import { organiseEdits } from '../../compiler/editor/organise.ts';
import { usesOf } from '../../compiler/editor/references.ts';
import { highlightsOf } from '../../compiler/editor/references-highlight.ts';
import { renamableAt, rename } from '../../compiler/editor/rename.ts';
import { assertFor } from '../support/bounded-property.ts';
import { meanings, type Texts, workspaceOf } from '../support/editor-workspace.ts';
import { inProportion, times } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('rename');
const root = process.env.POLC_ROOT ?? '.';
const folder = '/policies';

function textsOf(files: Readonly<Record<string, string>>): Texts {
  return new Map(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

const examples = readdirSync(join(root, 'examples'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => textsOf({ [name]: readFileSync(join(root, 'examples', name), 'utf8') }));

/** Names across files, in every way of writing them. */
const workspaces: readonly Texts[] = [
  ...examples,
  textsOf({
    'platform.yaml':
      'platform: inference\ninclude: [tiers.yaml, teams.yaml]\ntargets:\n  - gateway: { namespace: llm, name: gw }\nmodels: [small, "large"]\nspend_writer: usage\n',
    'tiers.yaml':
      "tiers:\n  free: { token_limit_per_hour: 100, models_allowed: [small] }\n  'standard':\n    extends: free\n    per_model: { large: { token_limit_per_hour: 5 } }\n    models_allowed: [small, large]\n",
    'teams.yaml':
      'teams:\n  data: { tier: free }\n  "research":\n    tier: &tier standard\n    overrides: { models_allowed: [large] }\n  third: { tier: *tier }\n',
  }),
  textsOf({
    'class.yaml':
      'institution: university.yaml\nprofile:\n  name: cs101\n  allowed_templates: [python-ml, "r-basic", Advanced]\n  max_hourly_cost: 1\n',
    'university.yaml':
      'institution:\n  name: University\n  template_lifecycle: { deprecated: [python-ml] }\n  denied_templates: [Advanced]\n',
    'python.yaml': 'name: Python\nslug: python-ml\ndescription: p\nbase: ubuntu-22.04\npackages: { system: [git] }\n',
    'r-basic.yaml':
      'name: R\ndescription: r\nbase: ubuntu-22.04\ninherits: ["python-ml"]\npackages: { system: [vim] }\n',
    'advanced.yaml':
      'name: Advanced\ndescription: r\nbase: ubuntu-22.04\ninherits: [python-ml, R]\npolicy_metadata: { allowed_profiles: [cs101] }\npackages: { system: [vim] }\n',
  }),
];

test('every name that is declared, by another name: every policy means the same but for the name', () => {
  let renamed = 0;
  for (const texts of workspaces) {
    const workspace = workspaceOf(texts, folder);
    const before = meanings(texts, folder);
    const places = [...texts.keys()].flatMap((path) => {
      const document = workspace.document(path)!;
      const { declarations, references } = namesIn(document);
      const names = [...declarations, ...references.filter(({ kind }) => kind !== 'file')];
      return names.map(({ name, span }) => ({ path, name, start: span.start }));
    });
    assertFor(
      // The last character alone: nothing is sorted otherwise, and no line is broken elsewhere.
      fc.property(fc.constantFrom(...places), fc.constantFrom(...'bcdkmqxyz'), ({ path, name, start }, last) => {
        const document = workspace.document(path)!;
        const fresh = name.slice(0, -1) + last;
        fc.pre([...texts.values()].every((text) => !text.includes(fresh)));
        const result = rename(document, start, fresh, workspace);
        if ('refused' in result) {
          // Called by its file, or in no file here: no name that can be typed over.
          assert.match(result.refused, /what the template's file is called|no file that is known here has a template/);
          return;
        }
        assert.ok(result.edits.length > 0);
        const after = new Map(
          [...texts].map(([path, text]) => [
            path,
            applyEdits(
              text,
              result.edits.filter(({ span }) => span.file === path),
            ),
          ]),
        );
        assert.equal(
          meanings(after, folder).map((each) =>
            each.replaceAll(fresh, name).replaceAll(policyName(fresh), policyName(name)),
          ),
          before,
        );
        renamed += 1;
        // And back.
        const again = workspaceOf(after, folder);
        const back = rename(again.document(path)!, start, name, again);
        assert.ok(!('refused' in back));
        for (const [file, text] of after) {
          assert.is(
            applyEdits(
              text,
              back.edits.filter(({ span }) => span.file === file),
            ),
            texts.get(file),
          );
        }
      }),
      { leastRuns: 6, milliseconds: 400 },
    );
  }
  assert.ok(renamed > 20, `only ${renamed} names`);
});

test('what speaks of a name is the same set, wherever one asks', () => {
  for (const texts of workspaces) {
    const workspace = workspaceOf(texts, folder);
    for (const path of texts.keys()) {
      const document = workspace.document(path)!;
      for (const { span } of namesIn(document).declarations) {
        const uses = usesOf(document, span.start, workspace);
        const keys = (found: typeof uses) => found.map((use) => `${use.span.start} ${use.span.file}`).sort();
        for (const use of uses) {
          if (use.reference?.kind === 'file') continue;
          const other = usesOf(workspace.document(use.span.file)!, use.span.end, workspace);
          assert.equal(keys(other), keys(uses), `${use.span.file}:${use.span.start} and ${path}:${span.start}`);
        }
      }
    }
  }
});

test('at every place of every text a rename is either prepared or refused with words, and both agree', () => {
  for (const texts of workspaces) {
    const workspace = workspaceOf(texts, folder);
    for (const [path, text] of texts) {
      const document = workspace.document(path)!;
      for (let offset = 0; offset <= text.length; offset += 5) {
        const prepared = renamableAt(document, offset, workspace);
        const done = rename(document, offset, 'quite-another', workspace);
        if ('refused' in prepared) {
          assert.match(prepared.refused, /\w/);
          assert.equal(done, prepared);
        } else assert.ok(prepared.span.start <= offset && offset <= prepared.span.end);
      }
    }
  }
});

test('every prefix of every example can be asked for everything', () => {
  for (const texts of examples) {
    const [path, text] = [...texts][0]!;
    for (let length = 0; length <= text.length; length += 17) {
      const prefix = text.slice(0, length);
      const workspace = workspaceOf(new Map([[path, prefix]]), folder);
      const document = workspace.document(path)!;
      for (const { span } of [...lensesOf(document, workspace), ...linksOf(document)]) assert.ok(span.end <= length);
      for (const { span } of highlightsOf(document, length, workspace)) assert.ok(span.end <= length);
      for (const { span } of definitionsOf(document, length, workspace)) assert.ok(span.end <= length);
      for (const item of hierarchyAt(document, length, workspace)) {
        takenBy(item, workspace);
        takenFrom(item, workspace);
      }
      const sorted = applyEdits(prefix, organiseEdits(document));
      assert.is([...sorted].sort().join(''), [...prefix].sort().join(''), 'sorting loses nothing');
      if (length % 68 === 0) formatEdits(document);
    }
  }
});

test('twenty thousand lines', () => {
  inProportion((teams) => {
    const lines = Array.from({ length: teams }, (_, index) => `  team-${index}:\n    tier: premium\n`);
    const path = `${folder}/big.yaml`;
    const text = `platform: big\ntiers:\n  premium: {}\n  free: {}\nteams:\n${lines.join('')}`;
    const workspace = workspaceOf(new Map([[path, text]]), folder);
    const document = workspace.document(path)!;
    const at = text.lastIndexOf('premium');
    return () => {
      const renamed = rename(document, at, 'gold', workspace);
      assert.is('refused' in renamed ? 0 : renamed.edits.length, teams + 1);
      assert.is(usesOf(document, at, workspace).length, teams + 1);
      assert.is(takenBy(hierarchyAt(document, at, workspace)[0]!, workspace).length, teams);
    };
  }, 10_000 / times);
});

run();
