import { nearest } from '../diagnostics/suggest.ts';
import type { MachineArchitecture } from '../ir/obligation.ts';

/** Where the id of a base image comes from. */
export type BaseImage =
  /** A public parameter of SSM in every region, which its publisher points at the newest image. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** The newest image of this account, in the region, whose name fits; `*` stands for any characters. */
  | { readonly kind: 'search'; readonly owner: string; readonly name: string }
  /** The image itself. */
  | { readonly kind: 'image'; readonly id: string };

/** How packages of the distribution are installed. */
export type PackageFamily = 'apt' | 'dnf';

interface Base {
  readonly name: string;
  readonly family: PackageFamily;
  /** The user that its images are logged in to with. */
  readonly user: string;
  readonly find: 'parameter' | 'search';
  readonly owner: string;
  /** Of the parameter or the image, with `%` for the architecture. */
  readonly pattern: string;
  /** What stands for `%`. */
  readonly spelled: Readonly<Record<MachineArchitecture, string>>;
}

const debian = { x86_64: 'amd64', arm64: 'arm64' } as const;
const redHat = { x86_64: 'x86_64', arm64: 'aarch64' } as const;
const amazon = { x86_64: 'x86_64', arm64: 'arm64' } as const;

/**
 * Each with its other spellings behind the first. Facts from what each publisher says of its images: Canonical ("Find Ubuntu images on
 * AWS"), AWS ("Calling AMI public parameters" in the Systems Manager user guide), Debian (wiki.debian.org/Cloud), the
 * Rocky and AlmaLinux projects (their lists of images on AWS).
 */
const table: readonly (readonly [names: string, ...Rest])[] = [
  ['ubuntu-24.04 ubuntu-24.04-server-lts', ...ubuntu('24.04', 'gp3')],
  ['ubuntu-22.04 ubuntu-22.04-server-lts', ...ubuntu('22.04', 'gp2')],
  ['ubuntu-20.04 ubuntu-20.04-server-lts', ...ubuntu('20.04', 'gp2')],
  ['debian-12', ...debianRelease('12')],
  ['debian-11', ...debianRelease('11')],
  [
    'amazon-linux-2023 amazonlinux-2023 al2023',
    'dnf',
    'ec2-user',
    'parameter',
    '137112412989',
    '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-%',
    amazon,
  ],
  ['rocky-9 rockylinux-9 rocky-linux-9', ...rocky('9')],
  ['rocky-8 rockylinux-8 rocky-linux-8', ...rocky('8')],
  ['almalinux-9 alma-9', 'dnf', 'ec2-user', 'search', '764336703387', 'AlmaLinux OS 9.* %', redHat],
];

type Rest = readonly [
  family: PackageFamily,
  user: string,
  find: 'parameter' | 'search',
  owner: string,
  pattern: string,
  spelled: Readonly<Record<MachineArchitecture, string>>,
];

function ubuntu(release: string, volume: string): Rest {
  const name = `/aws/service/canonical/ubuntu/server/${release}/stable/current/%/hvm/ebs-${volume}/ami-id`;
  return ['apt', 'ubuntu', 'parameter', '099720109477', name, debian];
}

function debianRelease(release: string): Rest {
  return ['apt', 'admin', 'search', '136693071363', `debian-${release}-%-*`, debian];
}

function rocky(release: string): Rest {
  return ['dnf', 'rocky', 'search', '792107900819', `Rocky-${release}-EC2-Base-${release}.*.%`, redHat];
}

let decoded: ReadonlyMap<string, Base> | undefined;

function bases(): ReadonlyMap<string, Base> {
  if (decoded !== undefined) return decoded;
  const found = new Map<string, Base>();
  for (const [names, family, user, find, owner, pattern, spelled] of table) {
    const [name = '', ...aliases] = names.split(' ');
    const base: Base = { name, family, user, find, owner, pattern, spelled };
    for (const each of [name, ...aliases]) found.set(each, base);
  }
  decoded = found;
  return found;
}

/** The names of base images, without their other spellings, each with the user that its instances have. */
export function baseImages(): readonly { readonly name: string; readonly user: string }[] {
  return [...new Set(bases().values())].map(({ name, user }) => ({ name, user }));
}

/** The base image of this name or other spelling of it; undefined where there is none. */
export function findBase(
  name: string,
): { readonly name: string; readonly family: PackageFamily; readonly user: string } | undefined {
  return bases().get(name);
}

/** The account that publishes a base image, 12 digits; undefined where there is none of that name. */
export function baseOwner(name: string): string | undefined {
  return bases().get(name)?.owner;
}

/** The base image that a misspelt name probably stands for. */
export function nearestBase(name: string): string | undefined {
  return nearest(name, bases().keys());
}

/** Image ids by region and architecture, as `BuildImages.base` has them: `eu-west-1/arm64=ami-… …`, sorted. */
export function baseOfImages(
  images: Iterable<{ readonly region: string; readonly architecture: MachineArchitecture; readonly image: string }>,
): string {
  return [...images]
    .map(({ region, architecture, image }) => `${region}/${architecture}=${image}`)
    .sort()
    .join(' ');
}

/**
 * Where the image is found that a template stands on.
 *
 * @param base `BuildImages.base`: the name of a base image, or what `baseOfImages` made
 * @returns undefined where there is none in the region for the architecture
 */
export function baseImage(base: string, region: string, architecture: MachineArchitecture): BaseImage | undefined {
  const place = `${region}/${architecture}=`;
  const id = base.split(' ').find((word) => word.startsWith(place));
  if (id !== undefined) return { kind: 'image', id: id.slice(place.length) };
  const known = bases().get(base);
  if (known === undefined) return undefined;
  const name = known.pattern.replace('%', known.spelled[architecture]);
  return known.find === 'parameter' ? { kind: 'parameter', name } : { kind: 'search', owner: known.owner, name };
}
