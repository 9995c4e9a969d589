import {
  type CallHierarchyIncomingCall,
  CallHierarchyIncomingCallsRequest,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  type CancellationToken,
  SymbolKind,
  type TypeHierarchyItem,
  TypeHierarchyPrepareRequest,
  TypeHierarchySubtypesRequest,
  TypeHierarchySupertypesRequest,
} from 'vscode-languageserver';
import {
  type HierarchyItem,
  type HierarchyTie,
  hierarchyAt,
  sameItem,
  takenBy,
  takenFrom,
} from '../../compiler/editor/hierarchy.ts';
import { rangeIn } from '../locations.ts';
import type { Session } from '../session.ts';
import { pathOf } from '../uris.ts';
import { type Feature, guarded, onPosition } from './feature.ts';

const kinds = { policy: SymbolKind.Module, tier: SymbolKind.Enum, team: SymbolKind.Object } as const;

/** What a policy, tier or team takes from others and who takes from it, as calls and as types, whichever an editor shows. */
export const hierarchy: Feature = {
  capabilities: () => ({ callHierarchyProvider: true, typeHierarchyProvider: true }),
  register(connection, session) {
    for (const type of [CallHierarchyPrepareRequest.type, TypeHierarchyPrepareRequest.type] as const) {
      onPosition(connection, session, type, async ({ session, document, offset }, _, token) => {
        await session.indexed(token);
        return hierarchyAt(document, offset, session.workspace).flatMap((item) => shown(item, session) ?? []);
      });
    }
    const ties = (method: string, from: typeof takenFrom) => (item: Item, token: CancellationToken) =>
      guarded<readonly Tie[]>(connection, method, [], () => tiesOf(item, from, session(), token));
    const taken = ties(CallHierarchyOutgoingCallsRequest.method, takenFrom);
    const taking = ties(CallHierarchyIncomingCallsRequest.method, takenBy);
    connection.onRequest(
      CallHierarchyOutgoingCallsRequest.type,
      async ({ item }, token): Promise<CallHierarchyOutgoingCall[]> =>
        (await taken(item, token)).map(({ shown: to, ranges }) => ({ to, fromRanges: ranges })),
    );
    connection.onRequest(
      CallHierarchyIncomingCallsRequest.type,
      async ({ item }, token): Promise<CallHierarchyIncomingCall[]> =>
        (await taking(item, token)).map(({ shown: from, ranges }) => ({ from, fromRanges: ranges })),
    );
    connection.onRequest(TypeHierarchySupertypesRequest.type, async ({ item }, token) =>
      (await taken(item, token)).map(({ shown: each }) => each),
    );
    connection.onRequest(TypeHierarchySubtypesRequest.type, async ({ item }, token) =>
      (await taking(item, token)).map(({ shown: each }) => each),
    );
  },
};

type Item = CallHierarchyItem & TypeHierarchyItem;

interface Tie {
  readonly shown: Item;
  readonly ranges: CallHierarchyIncomingCall['fromRanges'];
}

async function tiesOf(
  { name, kind, uri }: Item,
  from: (item: HierarchyItem, workspace: Session['workspace']) => readonly HierarchyTie[],
  session: Session,
  token: CancellationToken,
): Promise<readonly Tie[]> {
  await session.indexed(token);
  const own = kind === kinds.tier ? 'tier' : kind === kinds.team ? 'team' : 'policy';
  const item = sameItem(own, name, pathOf(uri), session.workspace);
  if (item === undefined) return [];
  return from(item, session.workspace).flatMap(({ item: other, places }) => {
    const each = shown(other, session);
    const ranges = places.flatMap((place) => rangeIn(place, session) ?? []);
    return each === undefined ? [] : [{ shown: each, ranges }];
  });
}

function shown({ kind, name, path, selection, whole }: HierarchyItem, session: Session): Item | undefined {
  const length = session.sourceOf(path)?.text.length ?? 0;
  const range = rangeIn(whole ?? { file: path, start: 0, end: length }, session);
  const selectionRange = rangeIn(selection, session);
  if (range === undefined || selectionRange === undefined) return undefined;
  const folder = session.workspace.folderOf(path);
  const detail = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  return { name, detail, kind: kinds[kind], uri: session.uriOf(path), range, selectionRange };
}
