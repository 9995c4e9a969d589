import { nearest } from '../diagnostics/suggest.ts';

/** A rule of handling data that a template promises to keep, or that an institution asks for. */
export interface DataRule {
  readonly name: string;
  readonly doc: string;
  /** What a launch has to be for the rule to hold; absent where only people can keep it. */
  readonly requires?: 'encrypted-storage';
}

const rules: readonly DataRule[] = [
  {
    name: 'encrypted_storage_required',
    doc: 'every volume, and every image, is encrypted; an instance with another volume is refused',
    requires: 'encrypted-storage',
  },
  { name: 'no_phi', doc: 'no protected health information (HIPAA) is held; people keep this rule' },
  { name: 'no_pii', doc: 'nothing is held by which a person can be identified; people keep this rule' },
  { name: 'no_cui', doc: 'no controlled unclassified information (NIST SP 800-171) is held; people keep this rule' },
  {
    name: 'deidentified_only',
    doc: 'data about people is held only without what identifies them; people keep this rule',
  },
];

/** Every rule that is known, in the order in which references list them. */
export function dataRules(): readonly DataRule[] {
  return rules;
}

/** The rule of this name; undefined where there is none. */
export function dataRule(name: string): DataRule | undefined {
  return rules.find((rule) => rule.name === name);
}

/** The rule that a misspelt name probably stands for. */
export function nearestDataRule(name: string): string | undefined {
  return nearest(
    name,
    rules.map((rule) => rule.name),
  );
}
