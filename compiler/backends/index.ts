import type { Platform } from '../target.ts';
import type * as Aws from './aws.ts';
import type { PlacedBackend } from './backend.ts';
import { ir } from './ir/index.ts';
import type * as Kubernetes from './kubernetes.ts';
import type * as Linux from './linux.ts';
import { wasm } from './wasm/index.ts';

/** Loaded only where something is compiled for the platform. */
const load = {
  linux: (): typeof Linux => require('./linux.ts'),
  aws: (): typeof Aws => require('./aws.ts'),
  kubernetes: (): typeof Kubernetes => require('./kubernetes.ts'),
};

const ofPlatform: Readonly<Record<Platform, () => readonly PlacedBackend[]>> = {
  linux: () => load.linux().linuxBackends,
  aws: () => load.aws().awsBackends,
  kubernetes: () => load.kubernetes().kubernetesBackends,
};

/** Every backend for these platforms, in the order in which tables list them. */
export function backendsOf(platforms: readonly Platform[]): readonly PlacedBackend[] {
  return [ir, ...platforms.flatMap((platform) => ofPlatform[platform]()), wasm];
}
