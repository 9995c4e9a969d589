import { readFileSync } from 'node:fs';
import { wasi } from '../../compiler/backends/wasi/index.ts';
import type { Compilation } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { guestDiagnostic } from '../../compiler/guest/diagnostics.ts';
import { hardenGuest } from '../../compiler/guest/guest.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { compileSandbox, type Unread } from '../build/compile-file.ts';
import { failureText } from '../failure.ts';
import type { Project } from '../project.ts';

export type HardenedFile =
  | { readonly bytes: Uint8Array; readonly policy: Policy; readonly compilation: Compilation }
  /** Findings in the policy or the guest, of which one at least is an error. */
  | { readonly diagnostics: readonly Diagnostic[] }
  /** A file that cannot be read, or is no sandbox policy. */
  | (Unread & { readonly missingGuest?: boolean });

/** The guest in `file` with the policy in it. What the policy asks for and no guest can hold is an error, as in a build. */
export function hardenFile(policyWord: string, file: string, project: Project, fuel?: bigint): HardenedFile {
  const compilation = compileSandbox(policyWord, project, {
    backends: [wasi],
    emit: ['wasi'],
    bundled: false,
    maximumMilliseconds: 0,
  });
  if ('problem' in compilation) return compilation;
  const { ok, policy, diagnostics } = compilation;
  if (!ok || policy === undefined) return { diagnostics };
  let guest: Uint8Array;
  try {
    guest = readFileSync(file);
  } catch (error) {
    const missingGuest = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { problem: `cannot read \`${file}\`: ${failureText(error)}`, missingGuest };
  }
  const hardened = hardenGuest(guest, policy, {
    valid: (bytes) => WebAssembly.validate(new Uint8Array(bytes)),
    fault: faultOf,
    ...(fuel === undefined ? {} : { fuel }),
  });
  return hardened.ok
    ? { bytes: hardened.bytes, policy, compilation }
    : { diagnostics: hardened.problems.map((problem) => guestDiagnostic(file, problem)) };
}

/** What the engine says of bytes that are no valid module: `Compiling function #3 failed: …, at offset 120`. */
function faultOf(bytes: Uint8Array): string {
  try {
    new WebAssembly.Module(new Uint8Array(bytes));
    return 'an engine refuses it';
  } catch (error) {
    return failureText(error)
      .replace(/^WebAssembly\.Module\(\): /, '')
      .replace(/ @\+(\d+)$/, ', at offset $1');
  }
}
