import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  Range,
  TypeHierarchyItem,
} from 'vscode-languageserver';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { clientInProcess, uri } from '../support/lsp-client.ts';
import { lspCases, positionIn } from '../support/lsp-fixtures.ts';

const { test, run } = suite('lsp-hierarchy');

function written({ start, end }: Range): string {
  return `${start.line + 1}:${start.character + 1}-${end.character + 1}`;
}

for (const { fixture, path, marked, others } of lspCases('hierarchy')) {
  test(fixture.name, () =>
    withFolder(async (folder) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      for (const [each, text] of new Map([...others, [name, marked.text]])) {
        mkdirSync(dirname(join(folder, each)), { recursive: true });
        writeFileSync(join(folder, each), text);
      }
      const file = join(folder, name);
      const client = await clientInProcess({ folders: [folder] });
      client.open(file, marked.text);
      const at = { textDocument: { uri: uri(file) }, position: positionIn(marked.text, marked.carets[0]!) };
      const lines: string[] = [];

      /** What an item takes, or who takes from it, and so on; a circle is shown once around. */
      async function follow(item: CallHierarchyItem, way: 'incoming' | 'outgoing', indent: string): Promise<void> {
        if (indent.length > 6) return;
        const ties = await client.request<readonly (CallHierarchyIncomingCall & CallHierarchyOutgoingCall)[]>(
          `callHierarchy/${way}Calls`,
          { item },
        );
        const others = await client.request<readonly TypeHierarchyItem[]>(
          `typeHierarchy/${way === 'incoming' ? 'subtypes' : 'supertypes'}`,
          { item },
        );
        assert.equal(
          others,
          ties.map(({ from, to }) => from ?? to),
        );
        for (const { from, to, fromRanges } of ties) {
          const other = from ?? to;
          lines.push(`${indent}${other.name} in ${other.detail} at ${fromRanges.map(written).join(', ')}`);
          await follow(other, way, `${indent}  `);
        }
      }

      for (const item of await client.request<readonly CallHierarchyItem[]>('textDocument/prepareCallHierarchy', at)) {
        lines.push(`${item.name} in ${item.detail}, ${written(item.selectionRange)}`);
        for (const way of ['outgoing', 'incoming'] as const) {
          lines.push(way === 'outgoing' ? '  takes from' : '  is taken over by');
          await follow(item, way, '    ');
        }
      }
      fixture.expectReviewed('shown.txt', `${lines.join('\n')}\n`);
      await client.end();
    }),
  );
}

run();
