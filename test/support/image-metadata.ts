import type { ImageMetadata } from '../../compiler/images/metadata.ts';

/** The metadata of an image of the template with which image policies began. */
export const seedMetadata: ImageMetadata = {
  source_template: 'python-ml-compiled',
  template_version: '2.1.0',
  architecture: 'x86_64',
  base: 'ubuntu-22.04',
  base_image: 'ami-0123456789abcdef0',
  compilation_id: 'python-ml-20261123-0a1b2c3d',
  compiled_at: '2026-11-23T07:45:00Z',
  cost_estimates: { arm64: 0.0371, x86_64: 0.0464 },
  resource_limits: {
    max_instance_types: ['c5.large', 'm5.large', 't3.large', 't3.medium'],
    forbidden_regions: ['us-gov-west-1'],
    max_hourly_cost: 0.2,
  },
  data_classification: 'internal',
  compliance_frameworks: ['university_policy'],
  instance_defaults: { type: 't3.medium', ports: [22, 8888] },
};
