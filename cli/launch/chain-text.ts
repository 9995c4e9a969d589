import { existsSync, readFileSync } from 'node:fs';
import { policyName } from '../../compiler/dialects/governance/names.ts';
import { resolveReference } from '../../compiler/dialects/loader.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import type { MapNode } from '../../compiler/source/tree.ts';
import { documents } from './policy-text.ts';
import { type Written, writtenOf, yamlText } from './written-yaml.ts';

/** A part of a governance policy as it is written. */
export interface WrittenPart {
  readonly role: 'institution' | 'profile' | 'invitation';
  readonly fields: readonly (readonly [key: string, value: Written])[];
}

const roles = ['institution', 'profile', 'invitation'] as const;

/**
 * The parts of a policy that was compiled, with those of the files that it names, from the widest to the narrowest. A part
 * that is named after its file is given the name, which it would lose elsewhere.
 *
 * @param path the policy's own; what it names lies beside it
 */
export function partsOfChain(path: string, text: string): readonly WrittenPart[] {
  const parts: WrittenPart[] = [];

  function read(file: string, content: string, wanted: readonly WrittenPart['role'][]): void {
    for (const document of documents(content)) {
      const { root } = parseYaml(sourceText(file, document));
      if (root?.kind !== 'map') continue;
      for (const role of roles) {
        const value = wanted.includes(role) ? root.entries.find(({ key }) => key.text === role)?.value : undefined;
        if (value?.kind === 'map') parts.push({ role, fields: fieldsOf(value, file) });
        if (value?.kind !== 'scalar') continue;
        const other = resolveReference(file, value.text);
        if (other === undefined || !existsSync(other)) continue;
        read(other, readFileSync(other, 'utf8'), role === 'profile' ? ['institution', 'profile'] : ['institution']);
      }
    }
  }

  read(path, text, roles);
  return unique(parts);
}

/** A policy of these parts: where one of a role follows another, a document of its own. */
export function chainText(parts: readonly WrittenPart[]): string {
  const texts: string[] = [];
  let own: WrittenPart[] = [];
  const finish = () => {
    if (own.length === 0) return;
    texts.push(yamlText({ fields: own.map(({ role, fields }) => [role, { fields }]) }));
    own = [];
  };
  for (const part of parts) {
    const last = own.at(-1);
    if (last !== undefined && roles.indexOf(last.role) >= roles.indexOf(part.role)) finish();
    own.push(part);
  }
  finish();
  return texts.join('---\n');
}

function fieldsOf(map: MapNode, file: string): WrittenPart['fields'] {
  const written = writtenOf(map);
  const fields = typeof written === 'object' && 'fields' in written ? written.fields : [];
  if (fields.some(([key]) => key === 'name')) return fields;
  return [['name', policyName((file.split('/').at(-1) ?? file).replace(/\.ya?ml$/, ''))], ...fields];
}

/** An institution that two files name is one. */
function unique(parts: readonly WrittenPart[]): readonly WrittenPart[] {
  const seen = new Set<string>();
  return parts.filter((part) => {
    const text = JSON.stringify(part);
    return !seen.has(text) && seen.add(text);
  });
}
