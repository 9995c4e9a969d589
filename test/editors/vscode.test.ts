import { readFileSync } from 'node:fs';
import { scenarioFiles } from '../support/editor-scenario.ts';
import { withFolderOf } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { accessibility, scenario } from '../support/vscode-scenario.ts';
import { missingForVsCode, packagedExtension, startVsCode } from '../support/vscode-web.ts';

const { test, skip, run } = suite('vscode');

const missing = missingForVsCode();
const name = 'shows, corrects, completes, explains, previews, finds and renames';
if (missing !== undefined) skip(name, missing);
else {
  // The extension host is beside the files and the browser elsewhere, as on a remote machine or in a container.
  test(name, async () => {
    const others = {
      'guardrail.yaml': readFileSync('examples/ci-ec2-spike-manual.yaml'),
      'tenancy.yaml': readFileSync('examples/platform-tiers.yaml'),
    };
    await withFolderOf({ ...scenarioFiles, ...others }, async (folder) => {
      const code = await startVsCode(folder, packagedExtension());
      try {
        await scenario(code, 'scenario');
        await accessibility(code, ['web.yaml', ...Object.keys(others)]);
      } finally {
        await code.stop();
      }
    });
  });
}

run();
