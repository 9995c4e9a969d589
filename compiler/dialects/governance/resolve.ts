import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import type { Located } from '../../schema/shape.ts';
import type { YamlNode } from '../../source/tree.ts';
import type { Resolved } from '../dialect.ts';
import { enforcedByLaunching } from '../launching.ts';
import type { Loader } from '../loader.ts';
import { lowerGovernance } from './lower/index.ts';
import type { Part } from './lower/part.ts';
import { type GovernanceDocument, shape } from './shape.ts';

/** Decodes the parts of a file, and those that it names in other files. */
export function resolveGovernance(root: YamlNode, loader: Loader, diagnostics: Diagnostic[]): Resolved | undefined {
  const document = shape.decode(root, { diagnostics });
  if (document === undefined) return undefined;
  const parts = partsOf(document, loader, diagnostics);
  return {
    // What is decided from the file at a launch is not lost.
    accepted: [],
    lower: (target, diagnostics) => lowerGovernance({ path: loader.source.path, parts, target, diagnostics }),
    enforced: enforcedByLaunching,
  };
}

/** From the widest to the narrowest; a part that two ways lead to is there once. */
function partsOf(document: GovernanceDocument, loader: Loader, diagnostics: Diagnostic[]): readonly Part[] {
  const parts: Part[] = [];
  const seen = new Set<string>();

  function add(part: Part): void {
    const place = `${part.role} ${part.place.file}:${part.place.start}`;
    if (!seen.has(place)) parts.push(part);
    seen.add(place);
  }

  function read({ institution, profile, invitation }: GovernanceDocument, current: Loader): void {
    const { path } = current.source;
    if (institution !== undefined) {
      const { value, span, key = span } = institution;
      if (typeof value !== 'string') add({ role: 'institution', document: value, place: key, path });
      else follow({ ...institution, value }, 'institution', current);
    }
    if (profile !== undefined) {
      const { value, span, key = span } = profile;
      if (typeof value !== 'string') add({ role: 'profile', document: value, place: key, path });
      else follow({ ...profile, value }, 'profile', current);
    }
    if (invitation !== undefined) {
      const { value, span, key = span } = invitation;
      add({ role: 'invitation', document: value, place: key, path });
    }
  }

  /** Reads the part that another file is named for, and what is wider there. */
  function follow({ value, span }: Located<string>, role: 'institution' | 'profile', current: Loader): void {
    const loaded = current.loadPolicy(value, span, diagnostics);
    if (loaded?.root === undefined) return;
    const found = shape.decode(loaded.root, { diagnostics });
    if (found === undefined) return;
    const wanted = { ...found, invitation: undefined, ...(role === 'institution' ? { profile: undefined } : {}) };
    if (wanted[role] === undefined) {
      diagnostics.push(report('POL3221', span, { file: value, part: role === 'profile' ? 'profile' : 'institution' }));
      return;
    }
    read(wanted, current.inside(loaded));
  }

  read(document, loader);
  return parts;
}
