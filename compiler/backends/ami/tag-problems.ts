import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { signatureTag, tagLimits, tagPrefix } from '../../images/tag-names.ts';
import type { Tag } from '../../images/write-tags.ts';
import type { BuildImages } from '../../ir/obligation.ts';
import type { Obligation } from '../../ir/policy.ts';

/** What the build adds beside the tags that are emitted: the signature, the verdict of a scan, the compilation's id, and the image's
 * name. */
const added = [signatureTag, 'polc:scan', 'polc:compilation', 'Name'];

/** Why EC2 would not take the tags of an image, or take them for what they are not. */
export function tagProblems(images: Obligation & BuildImages, tags: readonly Tag[]): readonly Diagnostic[] {
  const { span } = images.origin;
  const found: Diagnostic[] = [];
  for (const [key, value] of images.tags) {
    const reason = problemOf(key, value);
    if (reason !== undefined) found.push(report('POL6102', span, { key, reason }));
  }
  const count = tags.length + added.filter((key) => tags.every(([own]) => own !== key)).length;
  if (count > tagLimits.tags) {
    found.push(report('POL7302', span, { count, limit: tagLimits.tags, own: images.tags.length }));
  }
  return found;
}

function problemOf(key: string, value: string): string | undefined {
  if (key.toLowerCase().startsWith('aws:')) return 'keys with `aws:` are those of AWS';
  if (key.toLowerCase().startsWith(tagPrefix)) return `keys with \`${tagPrefix}\` carry the policy`;
  if (key.length === 0 || key.length > tagLimits.key) return `a key has 1 to ${tagLimits.key} characters`;
  if (value.length > tagLimits.value) return `a value has at most ${tagLimits.value} characters`;
  if (!plain.test(key) || !plain.test(value)) return 'letters, digits, space and `+-=._:/@` are what all services take';
  return undefined;
}

const plain = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
