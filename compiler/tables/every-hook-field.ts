import type { HookField } from './hook-field.ts';
import { hookFields } from './hook-fields.ts';
import { refusingHooks } from './lsm-hooks.ts';

let all: ReadonlyMap<string, HookField> | undefined;

/** Every name that a field has at some hook, as the first hook has it. A name has one type at all hooks. */
export function everyHookField(): ReadonlyMap<string, HookField> {
  all ??= new Map(
    refusingHooks()
      .flatMap((hook) => hookFields(hook))
      .reverse()
      .map((field) => [field.name, field]),
  );
  return all;
}
