import { isCode, messageOf } from '../../diagnostics/catalogue.ts';
import { anyRefusal } from '../../dialects/sandbox/actions.ts';
import type { Description, Meaning } from '../../schema/shape.ts';
import { alternativesOf } from '../narrow.ts';
import { explainAction, explainCostService } from './aws-names.ts';
import { type Explanation, withoutHoles } from './explanation.ts';
import { explainAccess, explainCapability, explainSyscall, explainVerdict } from './kernel-names.ts';
import { explainAge, explainBytes, explainCpus, explainDuration, explainWindow } from './quantities.ts';

/**
 * What a value amounts to, by what the schema says that it means; where it says nothing of that, its line in the
 * enumeration. Undefined for a text that is no such value.
 *
 * @param text decoded
 */
export function explainValue(description: Description | undefined, text: string): Explanation | undefined {
  for (const each of alternativesOf(description)) {
    const found = explainIn(each, text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function explainIn(description: Description, text: string): Explanation | undefined {
  const means = meaningOf(description);
  const explained = means === undefined ? undefined : explainMeaning(means, text);
  if (explained !== undefined || description.kind !== 'enumeration' || means !== undefined) return explained;
  const value = description.values().find(({ name }) => name === text);
  return value === undefined || value.doc === '' ? undefined : { paragraphs: [value.doc] };
}

/** What a description of a scalar says that its texts mean. */
export function meaningOf(description: Description): Meaning | undefined {
  return description.kind === 'string' || description.kind === 'enumeration' || description.kind === 'quantity'
    ? description.means
    : undefined;
}

/** What a text of that meaning amounts to. */
export function explainMeaning(means: Meaning, text: string): Explanation | undefined {
  switch (means) {
    case 'bytes':
      return explainBytes(text);
    case 'duration':
      return explainDuration(text);
    case 'window':
      return explainWindow(text);
    case 'age':
      return explainAge(text);
    case 'cpus':
      return explainCpus(text);
    case 'verdict':
    case 'default-verdict':
      return explainVerdict(text, means === 'default-verdict');
    case 'expected-verdict':
      return text === 'deny' ? { paragraphs: [anyRefusal] } : explainVerdict(text, false);
    case 'syscall':
      return explainSyscall(text);
    case 'capability':
      return explainCapability(text);
    case 'landlock-access':
    case 'landlock-access-or-none':
      return explainAccess(text);
    case 'iam-action':
      return explainAction(text);
    case 'cost-service':
      return explainCostService(text);
    case 'diagnostic-code':
      return isCode(text) ? { paragraphs: [withoutHoles(messageOf(text).message)] } : undefined;
    case 'argument-rule':
    case 'cel':
    case 'loss':
      // What is in them has meanings of its own.
      return undefined;
    default: {
      const unreachable: never = means;
      return unreachable;
    }
  }
}
