import { errno } from '../preview1.ts';
import { fail, folder, guard, isType, lacks, missing, pass, resolve } from './parts.ts';
import type { RightBits } from './rights.ts';

/** `path_link`: of files alone, and where the new name has no right that the old has not. */
export function linkGuard(right: RightBits): string {
  return guard(
    'path_link',
    ['$fd', '$flags', '$path', '$length', '$toFd', '$toPath', '$toLength'],
    '(local $error i32) (local $old i32) (local $oldParent i32) (local $oldDepth i32)',
    `${resolve('$fd', '$path', '$length')}
  ${fail(missing, errno.noent)}
  ${fail(`(i32.eqz ${isType(4)})`, errno.perm)}
  (local.set $old (global.get $found))
  (local.set $oldParent (global.get $parent))
  (local.set $oldDepth (global.get $depth))
  ${resolve('$toFd', '$toPath', '$toLength')}
  ${fail(`(i32.eqz ${missing})`, errno.exist)}
  ${fail(lacks('(global.get $parent)', right.make_reg), errno.acces)}
  ${refer(right)}
  ${fail('(call $gains (local.get $old))', errno.acces)}
  ${pass('path_link', ['$fd', '$flags', '$path', '$length', '$toFd', '$toPath', '$toLength'])}`,
  );
}

/** `path_rename`: of files and folders, each into rights that are no more. */
export function renameGuard(right: RightBits): string {
  const byType = (file: number, directory: number) =>
    `(select (i32.const ${directory}) (i32.const ${file}) (local.get $isFolder))`;
  const lacksOne = (state: string, mask: string) => `(i32.eqz (i32.and (call $rights ${state}) ${mask}))`;
  return guard(
    'path_rename',
    ['$fd', '$path', '$length', '$toFd', '$toPath', '$toLength'],
    '(local $error i32) (local $old i32) (local $oldParent i32) (local $oldDepth i32) (local $isFolder i32)',
    `${resolve('$fd', '$path', '$length')}
  ${fail(missing, errno.noent)}
  (local.set $isFolder ${folder})
  ;; A link that is moved to where a folder was would be gone through; what is neither file nor folder stays too.
  ${fail(`(i32.eqz (i32.or (local.get $isFolder) ${isType(4)}))`, errno.perm)}
  (local.set $old (global.get $found))
  (local.set $oldParent (global.get $parent))
  (local.set $oldDepth (global.get $depth))
  ${fail(lacksOne('(local.get $oldParent)', byType(right.remove_file, right.remove_dir)), errno.acces)}
  ${resolve('$toFd', '$toPath', '$toLength')}
  ${fail(lacksOne('(global.get $parent)', byType(right.make_reg, right.make_dir)), errno.acces)}
  (if (i32.eqz ${missing})
    (then ${fail(lacksOne('(global.get $parent)', `(select (i32.const ${right.remove_dir}) (i32.const ${right.remove_file}) ${folder})`), errno.acces)}))
  ${refer(right)}
  ${fail('(call $gains (local.get $old))', errno.acces)}
  ;; What is open in a folder keeps the rights of where that was: they have to be those of where it comes to.
  (if (local.get $isFolder)
    (then
      ${fail('(i32.eqz (i32.and (call $flat (local.get $old)) (call $flat (global.get $found))))', errno.acces)}
      ${fail('(i32.ne (call $rights (local.get $old)) (call $rights (global.get $found)))', errno.acces)}
      (global.set $moved (i32.const 1))))
  ${pass('path_rename', ['$fd', '$path', '$length', '$toFd', '$toPath', '$toLength'])}`,
  );
}

/** From one folder into another both have to allow it; within one nothing moves. */
function refer(right: RightBits): string {
  return `(if (i32.eqz
        (i32.and
          (i32.eq (local.get $fd) (local.get $toFd))
          (i32.and (i32.eq (local.get $oldDepth) (i32.const 1)) (i32.eq (global.get $depth) (i32.const 1)))))
    (then
      ${fail(lacks('(local.get $oldParent)', right.refer), errno.acces)}
      ${fail(lacks('(global.get $parent)', right.refer), errno.acces)}))`;
}
