import { resolve } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { BuiltImage, ObligationBody } from '../../compiler/ir/obligation.ts';
import type { CompilationStatus, CompilationView } from '../../runtime/launch/build/compilations.ts';
import { scriptMinutes } from '../../runtime/launch/build/estimate.ts';
import type { LibraryTemplate } from './library.ts';
import { writtenOrder } from './written-order.ts';

/** A template as lists have it. */
export interface ListedTemplate {
  readonly name: string;
  readonly title: string;
  readonly path: string;
  readonly source: string | undefined;
  /** `compiled` where launches start from an image of it, or will once a build is through. */
  readonly type: 'source' | 'compiled';
  readonly status: 'ready' | 'building' | 'build failed' | 'build interrupted' | 'wrong';
  readonly images: readonly BuiltImage[];
  /** How long a launch takes; empty where it is wrong. */
  readonly launchTime: string;
  /** The same without an image. */
  readonly sourceLaunchTime: string;
  readonly compilation: CompilationView | undefined;
  /** Of one that is wrong. */
  readonly errors: readonly Diagnostic[];
}

/** What a launch from an image takes, as seed 000 has seen it. */
const fromImage = '~30 seconds';

/** @param compilations the newest first */
export function listed(template: LibraryTemplate, compilations: readonly CompilationView[]): ListedTemplate {
  const { name, title, path, source, compilation: policy } = template;
  const known = { name, title, path, source };
  const errors = policy.diagnostics.filter(({ severity }) => severity === 'error');
  const build = obligationOf(template, 'build-images');
  if (build === undefined || errors.length > 0) {
    const unknown = { images: [], launchTime: '', sourceLaunchTime: '', compilation: undefined, errors };
    return { ...known, type: 'source', status: 'wrong', ...unknown };
  }
  const file = resolve(path);
  const compilation = compilations.find((view) => view.file === file);
  const status = statusOf(compilation?.status, build.built.length > 0);
  const place = writtenOrder(template.signed?.content);
  const images = [...build.built].sort((left, right) => place(left.image) - place(right.image));
  const sourceLaunchTime = sourceTime(template, build.script);
  return {
    ...known,
    type: build.built.length > 0 || status !== 'ready' ? 'compiled' : 'source',
    status,
    images,
    launchTime:
      build.built.length > 0
        ? fromImage
        : status === 'building'
          ? `ETA: ${minutes(compilation?.minutesLeft)}`
          : sourceLaunchTime,
    sourceLaunchTime,
    compilation,
    errors: [],
  };
}

/** Images of an earlier build are launched all the same while another fails. */
function statusOf(build: CompilationStatus | undefined, hasImages: boolean): ListedTemplate['status'] {
  if (build === 'in-progress') return 'building';
  if (hasImages) return 'ready';
  if (build === 'failed') return 'build failed';
  return build === 'interrupted' ? 'build interrupted' : 'ready';
}

/** What the template says, or else by what its script does: a range, since mirrors and machines differ. */
function sourceTime({ signed }: LibraryTemplate, script: string): string {
  const said = signed?.content.estimated_launch_time;
  if (typeof said === 'number') return `~${minutes(said)}`;
  const most = Math.max(1, Math.ceil(scriptMinutes(script)));
  const least = Math.max(1, Math.round(most * 0.65));
  return least === most ? `~${minutes(most)}` : `~${least}-${most} minutes`;
}

function minutes(number = 0): string {
  const whole = Math.max(1, Math.round(number));
  return `${whole} ${whole === 1 ? 'minute' : 'minutes'}`;
}

/** What a template that compiles is under an obligation of a kind to do. */
export function obligationOf<Kind extends ObligationBody['kind']>(
  { compilation }: LibraryTemplate,
  kind: Kind,
): Extract<ObligationBody, { readonly kind: Kind }> | undefined {
  return compilation.lowered?.obligations.find(
    (obligation): obligation is typeof obligation & Extract<ObligationBody, { readonly kind: Kind }> =>
      obligation.kind === kind,
  );
}
