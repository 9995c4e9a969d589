import type { CancellationToken } from 'vscode-languageserver';
import type { Session } from './session.ts';

/** Below this many steps nobody would see that there was something to wait for. */
const fewest = 50;

/**
 * Goes over many things one after the other, reading messages in between, and shows how far it is to a client that can show it.
 *
 * @param title what is being done, as people read it
 * @returns false where the client asked to stop
 */
export async function withProgress<Item>(
  session: Session,
  title: string,
  items: readonly Item[],
  each: (item: Item) => unknown,
  token?: CancellationToken,
): Promise<boolean> {
  const { connection, client, world } = session;
  // A client that refuses is shown nothing.
  const shown =
    client.progress && items.length >= fewest
      ? await connection.window.createWorkDoneProgress().catch(() => undefined)
      : undefined;
  shown?.begin(title, 0, undefined, true);
  const isCancelled = () => token?.isCancellationRequested === true || shown?.token.isCancellationRequested === true;
  try {
    let last = world.host.now();
    for (const [index, item] of items.entries()) {
      if (isCancelled()) return false;
      await each(item);
      // Often enough that an edit does not wait, seldom enough that the messages cost nothing.
      const now = world.host.now();
      if (now - last < slice) continue;
      last = now;
      shown?.report(Math.floor((100 * index) / items.length));
      await new Promise<void>((resolve) => world.soon(resolve));
    }
    return !isCancelled();
  } finally {
    shown?.done();
  }
}

/** Milliseconds between two looks at the messages. */
const slice = 8;
