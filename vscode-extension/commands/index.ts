import { commands, type Disposable } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { Polc } from '../polc.ts';
import type { PreviewCommands } from '../preview/register.ts';
import { explain, explainHere } from './explain.ts';
import { importProfile } from './import-profile.ts';
import { migrate, migrateHere } from './migrate.ts';
import { newPolicy } from './new-policy.ts';
import { restart } from './restart.ts';
import { runTask } from './run-task.ts';
import { Results } from './show-text.ts';
import { simulate } from './simulate.ts';

export interface Commanded {
  readonly client: BaseLanguageClient;
  /** Absent where there are no processes. */
  readonly polc: Polc | undefined;
  readonly preview: PreviewCommands;
}

/** Registers every command; where polc cannot run, those that the server can answer. */
export function registerCommands({ client, polc, preview }: Commanded): readonly Disposable[] {
  const results = new Results();
  const always = {
    'polc.preview': () => preview.open(),
    'polc.coverage': () => preview.open('coverage'),
    'polc.openArtifact': () => preview.openArtifact(),
    'polc.compareArtifact': () => preview.compareArtifact(),
    'polc.restart': () => restart(client),
    'polc.output': () => client.outputChannel.show(),
    'polc.new': () => newPolicy(),
  };
  const run =
    polc === undefined
      ? {
          'polc.explain': () => explainHere(client, results),
          'polc.migrate': () => migrateHere(client),
        }
      : {
          'polc.build': () => runTask(polc, 'build'),
          'polc.check': () => runTask(polc, 'check'),
          'polc.explain': () => explain(polc, results),
          'polc.simulate': () => simulate(polc, results),
          'polc.import': () => importProfile(polc),
          'polc.migrate': () => migrate(polc),
        };
  const all = Object.entries({ ...always, ...run });
  return [results, ...all.map(([name, callback]) => commands.registerCommand(name, callback))];
}
