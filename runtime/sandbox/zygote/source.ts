import { mainSource } from './main-source.ts';
import type { SandboxPlan } from './plan.ts';
import { programSource } from './program-source.ts';
import { rehearsalSource } from './rehearsal-source.ts';
import { sandboxSource } from './sandbox-source.ts';
import { serverSource } from './server-source.ts';

/** What a server is started with. */
export interface ServerPlan extends SandboxPlan {
  /** Where it listens, and the file whose lock it holds; both go when it ends. */
  readonly socket: string;
  readonly lock: string;
  /** How the names of its control groups begin. */
  readonly groupPrefix: string;
  /** Seconds without a program after which it ends. */
  readonly idle: number;
}

/** The argument of `python3 -c` that starts a server, whose source comes through the standard input. */
export const bootstrap = 'import sys;exec(compile(sys.stdin.buffer.read(),"<zygote>","exec"),{"__name__":"zygote"})';

/** What the source of every server ends with. */
export const serverCode = `${sandboxSource}${serverSource}${programSource}${rehearsalSource}${mainSource}`;

/** The Python source of a server. */
export function sourceOf(plan: ServerPlan): string {
  return `plan = ${JSON.stringify(plan)}\n${serverCode}`;
}
