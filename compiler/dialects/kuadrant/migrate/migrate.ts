import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { applyFixes } from '../../../diagnostics/fixes.ts';
import { parseYamlDocuments } from '../../../source/parse-yaml.ts';
import { type SourceText, sourceText } from '../../../source/text.ts';
import { checkEach } from '../check-each.ts';
import { resourcesOf } from '../resource.ts';

export interface Migrated {
  /** The text as today's versions have it, as far as that could be told; all else as it was. */
  readonly text: string;
  /** What was rewritten. */
  readonly applied: readonly Diagnostic[];
  /** What is still wrong with the new text. */
  readonly left: readonly Diagnostic[];
}

/** Findings about older versions, and about the forms that the seed of the tenancy dialect had. */
const migrated = new Set<string>([
  'POL2074',
  'POL2075',
  'POL2077',
  'POL2080',
  'POL2083',
  'POL5150',
  'POL5151',
  'POL5152',
  'POL5155',
  'POL5156',
]);

/** What stands below a rewritten version or key is read, and can be rewritten, only then. */
const mostRounds = 8;

/**
 * Rewrites Kuadrant's resources of older versions to today's: edits of the text, so that comments and layout stay. A text
 * that is no YAML is left as it is.
 */
export function migrateKuadrant(before: SourceText): Migrated {
  const applied: Diagnostic[] = [];
  let source = before;
  for (let round = 0; ; round += 1) {
    const found = findingsIn(source);
    const wanted = found.filter(({ code }) => migrated.has(code));
    const { texts, applied: fixed } = applyFixes(wanted, () => source, 'all');
    const text = texts.get(source.path);
    if (text === undefined || round === mostRounds) {
      const left = found.filter(({ severity }) => severity === 'error');
      return { text: source.text, applied, left };
    }
    applied.push(...fixed);
    source = sourceText(source.path, text);
  }
}

function findingsIn(source: SourceText): readonly Diagnostic[] {
  const documents = parseYamlDocuments(source);
  const wrong = documents.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error'));
  if (wrong.length > 0) return wrong;
  const found: Diagnostic[] = [];
  checkEach(resourcesOf(documents.flatMap(({ root }) => root ?? [])), source, found);
  return found;
}
