import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { findProject } from '../../cli/project.ts';
import { readPrograms } from '../../cli/sandbox/read-programs.ts';
import { refusalDiagnostic } from '../../cli/sandbox/refusal-diagnostic.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { localMachine } from '../../runtime/sandbox/machine.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, skip, run } = suite('refused programs');

if (process.platform !== 'linux') skip('where they are asked for', 'programs are loaded on Linux');
else
  test('what the kernel refuses is told where the policy asks for it', () =>
    withFolder(async (folder) => {
      const policy = 'profile: w\nmode: sandbox\nsecurity: { bpf_lsm: { file_open: f.bpf } }\n';
      writeFileSync(join(folder, 'w.yaml'), policy);
      writeFileSync(join(folder, 'f.bpf'), 'hook file_open\n  deny when uid == 5\n');
      const machine = localMachine();
      const project = await findProject();
      if ('problem' in machine || !project.ok) throw new Error('there is no machine');
      const read = readPrograms(join(folder, 'w.yaml'), project, { ...machine, target: defaultTarget });
      if (!('programs' in read)) throw new Error(JSON.stringify(read));
      const refusal = { by: 'kernel', problem: 'no', help: 'none' } as const;
      const { code, span } = refusalDiagnostic(refusal, 'w.yaml', read.at);
      assert.equal([code, span.file, span.start > 0], ['POL8421', join(folder, 'f.bpf'), true]);
      assert.equal(refusalDiagnostic(refusal, 'w.yaml').span, { file: 'w.yaml', start: 0, end: 0 });
    }));

run();
