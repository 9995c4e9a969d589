import { errno } from '../preview1.ts';
import { kinds } from './descriptors.ts';
import { linkGuard, renameGuard } from './moves.ts';
import { fail, folder, guard, lacks, link, missing, pass, resolve } from './parts.ts';
import type { RightBits } from './rights.ts';

/** Oflags of path_open. */
const oflags = { create: 1, exclusive: 4, truncate: 8 } as const;
/** Rights of WASI that make an engine open a file for reading, or for writing. */
const reading = 1n << 1n;
const writing = (1n << 0n) | (1n << 6n) | (1n << 8n) | (1n << 22n);

/**
 * What is known of a descriptor is forgotten before the host changes it, and known again behind that: a guest that runs out
 * of stack in between, and goes on, is left with descriptors that the guard does not know.
 */
function forget(fd: string): string {
  const keep = ['access', 'state', 'device', 'inode'].map(
    (field) => `(local.set ${fd}.${field} (call $${field} (local.get ${fd})))`,
  );
  return `${keep.join(' ')} (call $describe (local.get ${fd}) (i32.const 0) (i32.const 0) (i64.const 0) (i64.const 0))`;
}

function recall(of: string, as: string): string {
  const kept = ['access', 'state', 'device', 'inode'].map((field) => `(local.get ${of}.${field})`);
  return `(call $describe (local.get ${as}) ${kept.join(' ')})`;
}

function keptLocals(fd: string): string {
  return `(local ${fd}.access i32) (local ${fd}.state i32) (local ${fd}.device i64) (local ${fd}.inode i64)`;
}

/** A guard that asks for an open descriptor, and for one of these rights where there are any. */
function onDescriptor(name: string, rights: number): string {
  return guard(
    name,
    [],
    '',
    `${fail('(i32.eqz (call $access (local.get $p0)))', errno.badf)}
    ${rights === 0 ? '' : fail(`(i32.eqz (i32.and (call $access (local.get $p0)) (i32.const ${rights})))`, errno.acces)}
    ${pass(name)}`,
  );
}

/** The guards by name. Each holds what the policy says of its function, and only then calls the host. */
export function fileGuards(bits: RightBits, sockets: boolean): Map<string, string> {
  const pathAt = ['$fd', '$path', '$length'];
  const guards = new Map<string, string>();
  const add = (name: string, text: string) => guards.set(name, text);

  for (const name of ['fd_advise', 'fd_datasync', 'fd_fdstat_get', 'fd_fdstat_set_flags', 'fd_fdstat_set_rights'])
    add(name, onDescriptor(name, 0));
  for (const name of ['fd_filestat_get', 'fd_prestat_get', 'fd_prestat_dir_name', 'fd_seek', 'fd_sync', 'fd_tell'])
    add(name, onDescriptor(name, 0));
  for (const name of ['fd_read', 'fd_pread']) add(name, onDescriptor(name, bits.read_file));
  for (const name of ['fd_write', 'fd_pwrite', 'fd_allocate', 'fd_filestat_set_times'])
    add(name, onDescriptor(name, bits.write_file));
  add('fd_filestat_set_size', onDescriptor('fd_filestat_set_size', bits.truncate));
  for (const name of ['sock_recv', 'sock_send', 'sock_shutdown']) {
    add(
      name,
      guard(
        name,
        [],
        '',
        `${fail(`(i32.ne (i32.shr_u (call $access (local.get $p0)) (i32.const 16)) (i32.const 3))`, errno.badf)}
    ${pass(name)}`,
      ),
    );
  }
  add(
    'sock_accept',
    guard(
      'sock_accept',
      ['$fd', '$flags', '$out'],
      '(local $error i32)',
      sockets
        ? `${fail('(i32.ne (i32.shr_u (call $access (local.get $fd)) (i32.const 16)) (i32.const 3))', errno.badf)}
    ${fail('(call $outside (local.get $out) (i32.const 4))', errno.fault)}
    (local.set $error ${pass('sock_accept', ['$fd', '$flags', '$out'])})
    (if (local.get $error) (then (return (local.get $error))))
    (call $opened (i32.load (local.get $out)) (i32.const ${kinds.socket | bits.read_file | bits.write_file}) (i32.const 0))`
        : `(i32.const ${errno.acces})`,
    ),
  );
  add(
    'fd_readdir',
    guard(
      'fd_readdir',
      ['$fd'],
      '(local $kept i64) (local $same i32)',
      `${fail('(i32.ne (i32.shr_u (call $access (local.get $fd)) (i32.const 16)) (i32.const 2))', errno.badf)}
    ${fail(`(i32.eqz (i32.and (call $access (local.get $fd)) (i32.const ${bits.read_dir})))`, errno.acces)}
    (if (global.get $moved) (then ${fail('(i32.eqz (call $still (local.get $fd)))', errno.notcapable)}))
    ${pass('fd_readdir', ['$fd'])}`,
    ),
  );
  add(
    'fd_close',
    guard(
      'fd_close',
      ['$fd'],
      `(local $error i32) ${keptLocals('$fd')}`,
      `${fail('(i32.eqz (call $access (local.get $fd)))', errno.badf)}
    ${forget('$fd')}
    (local.set $error ${pass('fd_close', ['$fd'])})
    (if (local.get $error) (then ${recall('$fd', '$fd')}))
    (local.get $error)`,
    ),
  );
  add(
    'fd_renumber',
    guard(
      'fd_renumber',
      ['$from', '$to'],
      `(local $error i32) ${keptLocals('$from')} ${keptLocals('$to')}`,
      `${fail('(i32.eqz (call $access (local.get $from)))', errno.badf)}
    ${fail('(i32.eqz (call $access (local.get $to)))', errno.badf)}
    ${fail('(i32.eq (local.get $from) (local.get $to))', 0)}
    ${forget('$from')}
    ${forget('$to')}
    (local.set $error ${pass('fd_renumber', ['$from', '$to'])})
    (if (local.get $error)
      (then ${recall('$from', '$from')} ${recall('$to', '$to')})
      (else ${recall('$from', '$to')}))
    (local.get $error)`,
    ),
  );
  add('path_open', openGuard(bits));
  add(
    'path_filestat_get',
    guard(
      'path_filestat_get',
      ['$fd', '$flags', '$path', '$length', '$out'],
      '(local $error i32)',
      `${resolve('$fd', '$path', '$length')}
    ${fail(missing, errno.noent)}
    ${fail(`(i32.and ${link} (i32.and (local.get $flags) (i32.const 1)))`, errno.loop)}
    ${fail('(call $outside (local.get $out) (i32.const 64))', errno.fault)}
    (if (i32.eqz (global.get $depth))
      (then (return ${pass('path_filestat_get', ['$fd', '$flags', '$path', '$length', '$out'])})))
    ${[0, 1, 2, 3, 4, 5, 6, 7].map((word) => `(i64.store offset=${word * 8} (local.get $out) (global.get $stat.${word}))`).join(' ')}
    (i32.const 0)`,
    ),
  );
  add(
    'path_filestat_set_times',
    guard(
      'path_filestat_set_times',
      ['$fd', '$flags', '$path', '$length'],
      '(local $error i32)',
      `${resolve('$fd', '$path', '$length')}
    ${fail(missing, errno.noent)}
    ${fail(link, errno.loop)}
    ${fail(lacks('(global.get $found)', bits.write_file), errno.acces)}
    ${pass('path_filestat_set_times', ['$fd', '$flags', '$path', '$length'])}`,
    ),
  );
  const change = (name: string, conditions: string) =>
    add(
      name,
      guard(
        name,
        pathAt,
        '(local $error i32)',
        `${resolve('$fd', '$path', '$length')}
    ${conditions}
    ${pass(name, pathAt)}`,
      ),
    );
  change(
    'path_create_directory',
    `${fail(`(i32.eqz ${missing})`, errno.exist)}
    ${fail(lacks('(global.get $parent)', bits.make_dir), errno.acces)}`,
  );
  change(
    'path_remove_directory',
    `${fail(missing, errno.noent)}
    ${fail(`(i32.eqz ${folder})`, errno.notdir)}
    ${fail(lacks('(global.get $parent)', bits.remove_dir), errno.acces)}`,
  );
  change(
    'path_unlink_file',
    `${fail(missing, errno.noent)}
    ${fail(folder, errno.isdir)}
    ${fail(lacks('(global.get $parent)', bits.remove_file), errno.acces)}`,
  );
  change('path_readlink', `${fail(missing, errno.noent)} ${fail(`(i32.eqz ${link})`, errno.inval)}`);
  // Whoever can make a link can have an engine follow it between the look-up and the use.
  add('path_symlink', guard('path_symlink', [], '', `(i32.const ${errno.perm})`));
  add('proc_raise', guard('proc_raise', [], '', `(i32.const ${errno.notsup})`));
  add('path_link', linkGuard(bits));
  add('path_rename', renameGuard(bits));
  return guards;

  function openGuard(right: RightBits): string {
    const names = ['$fd', '$dirflags', '$path', '$length', '$oflags', '$base', '$inheriting', '$fdflags', '$out'];
    const wants = (mask: bigint) => `(i64.ne (i64.and (local.get $base) (i64.const ${mask})) (i64.const 0))`;
    return guard(
      'path_open',
      names,
      '(local $error i32) (local $tries i32) (local $kind i32)',
      `${fail('(call $outside (local.get $out) (i32.const 4))', errno.fault)}
    (loop $again
      ${resolve('$fd', '$path', '$length')}
      ${fail(link, errno.loop)}
      (local.set $kind (i32.const ${kinds.file}))
      (if ${folder}
        (then (local.set $kind (i32.const ${kinds.directory})))
        (else
          (if ${missing}
            (then
              ${fail(`(i32.eqz (i32.and (local.get $oflags) (i32.const ${oflags.create})))`, errno.noent)}
              ${fail(lacks('(global.get $parent)', right.make_reg), errno.acces)})
            (else
              (if (i32.and (local.get $oflags) (i32.const ${oflags.truncate}))
                (then ${fail(lacks('(global.get $found)', right.truncate | right.write_file), errno.acces)}))))
          (if ${wants(reading)} (then ${fail(lacks('(global.get $found)', right.read_file), errno.acces)}))
          (if ${wants(writing)} (then ${fail(lacks('(global.get $found)', right.write_file), errno.acces)}))))
      ;; What is not there is made anew and never through a link that came meanwhile; what is there is not made.
      (local.set $error
        (call $host.path_open (local.get $fd) (local.get $dirflags) (local.get $path) (local.get $length)
          (select
            (i32.or (local.get $oflags) (i32.const ${oflags.exclusive}))
            (select
              (local.get $oflags)
              (i32.and (local.get $oflags) (i32.const ${~oflags.create}))
              (i32.and (local.get $oflags) (i32.const ${oflags.exclusive})))
            ${missing})
          (local.get $base) (local.get $inheriting) (local.get $fdflags) (local.get $out)))
      (if (i32.and
            (i32.eq (local.get $error) (i32.const ${errno.exist}))
            (i32.eqz (i32.and (local.get $oflags) (i32.const ${oflags.exclusive}))))
        (then
          (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $tries) (i32.const 8))))))
    (if (local.get $error) (then (return (local.get $error))))
    (call $opened (i32.load (local.get $out)) (i32.or (local.get $kind) (call $rights (global.get $found))) (global.get $found))`,
    );
  }
}

/** What several guards call. */
export function fileHelpers(): string {
  return `
  ;; Notes a descriptor that the host has just given; one more than the most is given back.
  (func $opened (param $fd i32) (param $access i32) (param $now i32) (result i32)
    (if (i32.eqz (call $room (local.get $fd)))
      (then
        (return (select (i32.const ${errno.mfile}) (i32.const ${errno.mfile}) (call $host.fd_close (local.get $fd))))))
    (call $describe (local.get $fd) (local.get $access) (local.get $now) (global.get $stat.0) (global.get $stat.1))
    (i32.const 0))

  ;; Whether what was found last has a right that the state \`$old\` has not.
  (func $gains (param $old i32) (result i32)
    (i32.ne
      (i32.const 0)
      (i32.and (call $rights (global.get $found)) (i32.xor (call $rights (local.get $old)) (i32.const -1)))))

  (func $still (param $fd i32) (result i32)
    (local $error i32) (local $dot i64) ${[0, 1, 2, 3, 4, 5, 6, 7].map((word) => `(local $w${word} i64)`).join(' ')}
    ${[0, 1, 2, 3, 4, 5, 6, 7].map((word) => `(local.set $w${word} (i64.load offset=${word * 8} (i32.const 0)))`).join(' ')}
    (local.set $dot (i64.load offset=64 (i32.const 0)))
    (local.set $error (call $same (local.get $fd) (i32.const 0)))
    ${[0, 1, 2, 3, 4, 5, 6, 7].map((word) => `(i64.store offset=${word * 8} (i32.const 0) (local.get $w${word}))`).join(' ')}
    (i64.store offset=64 (i32.const 0) (local.get $dot))
    (local.get $error))`;
}
