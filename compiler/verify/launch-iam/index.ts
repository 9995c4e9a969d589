import type { Artifact, Surroundings, Validation } from '../../backends/backend.ts';
import { allowedImagesPath, guardPath, rolePath } from '../../backends/launch-iam/format.ts';
import type { Policy } from '../../ir/policy.ts';
import type { AwsTarget } from '../../target.ts';
import { IamDifference } from '../iam/read-document.ts';
import { compareGuard } from './compare-guard.ts';
import { compareImages } from './compare-images.ts';
import { compareRole } from './compare-role.ts';
import { readStatements } from './read.ts';

const method = 'classes of requests on every resource that RunInstances touches';

/**
 * Reads every document again, as strictly as AWS would: the launch role allows what the policy does as far as IAM can see it, the
 * guard denies who writes the tags that the role asks for, and Allowed AMIs names the policy's owners and age.
 */
export function validateLaunchPolicies(
  policy: Policy,
  artifacts: readonly Artifact[],
  aws: AwsTarget,
  { sha256 }: Pick<Surroundings, 'sha256'>,
): Validation {
  try {
    return compareAll(policy, artifacts, aws, sha256);
  } catch (problem) {
    if (!(problem instanceof IamDifference)) throw problem;
    return { status: 'refused', method, compared: 0, counterexample: problem.message };
  }
}

function compareAll(
  policy: Policy,
  artifacts: readonly Artifact[],
  aws: AwsTarget,
  sha256: Surroundings['sha256'],
): Validation {
  const left = new Map(artifacts.map(({ path, content }) => [path, textOf(content)]));
  const take = (path: string): string | undefined => {
    const text = left.get(path);
    left.delete(path);
    return text;
  };
  const sids = new Set<string>();
  const statements = [];
  let documents = 0;
  for (let text = take(rolePath(0)); text !== undefined; text = take(rolePath(documents))) {
    documents += 1;
    if (documents > aws.attachedPolicies) throw new IamDifference(`more than ${aws.attachedPolicies} documents`);
    // AWS does not count white space here.
    if (text.replace(/\s/g, '').length > aws.managedPolicy) {
      throw new IamDifference(`longer than ${aws.managedPolicy} characters`);
    }
    statements.push(...readStatements(text, sids));
  }
  const tagged = hasTags(policy);
  const role = compareRole(statements, { policy, partition: aws.partition, tagged, sha256 });
  let { compared } = role;
  const guard = take(guardPath);
  if ((guard !== undefined) !== tagged) throw new IamDifference(tagged ? 'no guard of the tags' : 'a guard of no tags');
  if (guard !== undefined) {
    if (guard.length > aws.serviceControlPolicy) {
      throw new IamDifference(`a service control policy longer than ${aws.serviceControlPolicy} characters`);
    }
    compared += compareGuard(readStatements(guard, new Set()), aws.partition);
  }
  compared += compareImages(take(allowedImagesPath), policy);
  const [other] = left.keys();
  if (other !== undefined) throw new IamDifference(`another file ${other}`);
  return {
    status: role.whole ? 'proven' : 'tested',
    method: role.whole ? `all ${method}` : `${method}, of too many every so many`,
    compared,
  };
}

/** Whether there are images whose tags say what template they are of: those of a template that builds some, and others. */
function hasTags({ obligations }: Policy): boolean {
  const images = obligations.find((each) => each.kind === 'build-images');
  if (images?.kind !== 'build-images') return true;
  return (images.regions.length > 0 && images.architectures.length > 0) || images.built.length > 0;
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
