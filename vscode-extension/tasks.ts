import {
  type Disposable,
  ProcessExecution,
  Task,
  type TaskDefinition,
  TaskGroup,
  TaskScope,
  tasks,
  type WorkspaceFolder,
  workspace,
} from 'vscode';
import type { Polc } from './polc.ts';

interface PolcTask extends TaskDefinition {
  readonly verb: 'build' | 'check';
  readonly paths?: readonly string[];
  readonly options?: readonly string[];
}

/** `polc: build` and `polc: check` of every folder, and whatever tasks.json says of the type. */
export function registerTasks(polc: Polc): Disposable {
  return tasks.registerTaskProvider('polc', {
    provideTasks: () =>
      (workspace.workspaceFolders ?? []).flatMap((folder) =>
        (['build', 'check'] as const).map((verb) => polcTask(polc, { type: 'polc', verb }, folder)),
      ),
    resolveTask(task) {
      const definition = task.definition as PolcTask;
      const folder = typeof task.scope === 'object' ? task.scope : workspace.workspaceFolders?.[0];
      // VS Code takes what is resolved only with the very definition that it asked for.
      return definition.verb === undefined ? undefined : polcTask(polc, definition, folder);
    },
  });
}

/** A run of the verb over a folder of the workspace, whose findings the problem matcher reads. */
export function polcTask(polc: Polc, definition: PolcTask, folder: WorkspaceFolder | undefined): Task {
  const { program, words, env } = polc.command();
  const { verb, paths = ['.'], options = [] } = definition;
  const task = new Task(
    definition,
    folder ?? TaskScope.Workspace,
    verb,
    'polc',
    new ProcessExecution(program, [...words, verb, ...paths, ...options], {
      env: { ...env, NO_COLOR: '1' },
      ...(folder === undefined ? {} : { cwd: folder.uri.fsPath }),
    }),
    '$polc',
  );
  task.group = TaskGroup.Build;
  task.detail =
    verb === 'build' ? 'compile all policies and write what enforces them' : 'find what is wrong with policies';
  return task;
}
