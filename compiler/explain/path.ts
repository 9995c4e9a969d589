import type { Compilation } from '../compile.ts';
import { decide, sourceOf } from '../ir/evaluate.ts';
import { decisionAt, type Enforceable } from '../ir/policy.ts';
import { fileSystemRights } from '../tables/landlock.ts';
import { type Answer, label, place } from './answer.ts';

/** What may be done with a path. */
export function explainPath(compilation: Compilation, path: string): Answer {
  const decision = decisionAt(compilation.policy!, 'path');
  if (decision === undefined) {
    return { lines: [`${path} is unrestricted: the policy says nothing of paths`], data: { path, unrestricted: true } };
  }
  const allowed: string[] = [];
  const by = new Map<string, Enforceable>();
  for (const { name } of fileSystemRights()) {
    const environment = {
      attribute: (attribute: string) => (attribute === 'path' ? path : name),
      parameter: () => undefined,
    };
    const verdict = decide(decision, environment);
    if (verdict?.effect.kind !== 'allow') continue;
    allowed.push(name);
    const written = sourceOf(verdict.by, environment);
    by.set(written.id, written);
  }
  const lines = [
    allowed.length === 0 ? `${path} is denied in every way` : `${path} may be used for: ${allowed.join(', ')}`,
    ...[...by.values()].map((rule) => `${label('policy')}${place(compilation, rule)}  ${rule.topic}`),
    `${label('enforced')}by landlock; permissions of the file system hold as well`,
  ];
  return { lines, data: { path, allowed, rules: [...by.keys()] } };
}
