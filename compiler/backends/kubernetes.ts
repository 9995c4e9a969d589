import type { PlacedBackend } from './backend.ts';
import { kuadrant } from './kuadrant/index.ts';

/** What a Kubernetes cluster enforces. */
export const kubernetesBackends: readonly PlacedBackend[] = [kuadrant];
