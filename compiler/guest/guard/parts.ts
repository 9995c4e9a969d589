import { preview1Type } from '../preview1.ts';

export const fail = (condition: string, number: number) => `(if ${condition} (then (return (i32.const ${number}))))`;
/** Resolves, and gives the errno where that fails. */
export const resolve = (fd: string, path: string, length: string) =>
  `(local.set $error (call $resolve (local.get ${fd}) (local.get ${path}) (local.get ${length})))
    (if (local.get $error) (then (return (local.get $error))))`;
export const lacks = (state: string, bits: number) =>
  `(i32.ne (i32.and (call $rights ${state}) (i32.const ${bits})) (i32.const ${bits}))`;
export const isType = (type: number) => `(i32.eq (global.get $type) (i32.const ${type}))`;
export const missing = isType(-1);
export const folder = isType(3);
export const link = isType(7);

/** `(func $guard.NAME ...)` with the parameters of preview 1, called `$p0` and so on or as `names` says. */
export function guard(name: string, names: readonly string[], locals: string, body: string): string {
  const type = preview1Type(name);
  const parameters = (type?.parameters ?? []).map(
    (each, at) => `(param ${names[at] ?? `$p${at}`} ${each === 0x7e ? 'i64' : 'i32'})`,
  );
  return `
  (func $guard.${name} ${parameters.join(' ')} (result i32) ${locals}
    (call $enter)
    ${body})`;
}

/** The call of the host's function with the parameters as they came. */
export function pass(name: string, names: readonly string[] = []): string {
  const parameters = preview1Type(name)?.parameters ?? [];
  return `(call $host.${name} ${parameters.map((_, at) => `(local.get ${names[at] ?? `$p${at}`})`).join(' ')})`;
}
