import { shellWord } from '../../../../shell-word.ts';
import type { PackageFamily } from '../../../../tables/base-images.ts';

/** What is installed, by who installs it; each list without duplicates, in the order of the template. */
export interface Packages {
  readonly system: readonly string[];
  readonly conda: readonly string[];
  readonly pip: readonly string[];
  readonly spack: readonly string[];
}

/**
 * The lines that install packages.
 *
 * @param family of the base image; undefined where it is only known on the machine
 * @param needed packages of the distribution that other parts of the script need
 */
export function packageLines(
  packages: Packages,
  family: PackageFamily | undefined,
  needed: readonly string[],
): readonly (readonly string[])[] {
  const { conda, pip, spack } = packages;
  const isPlainPip = pip.length > 0 && conda.length === 0;
  const system = [
    ...packages.system,
    ...(conda.length > 0 ? ['curl'] : []),
    ...(isPlainPip ? ['python3'] : []),
    ...(spack.length > 0 ? ['git'] : []),
    ...needed,
  ];
  // Debian keeps the module venv apart from Python.
  const forApt = isPlainPip ? [...system, 'python3-venv'] : system;
  const python = isPlainPip ? '/opt/python' : '/opt/conda';
  return [
    system.length === 0
      ? []
      : ['# Packages of the distribution', ...systemLines(unique(system), unique(forApt), family)],
    conda.length === 0 ? [] : condaLines(conda),
    pip.length === 0
      ? []
      : [
          '# Packages of Python',
          ...(isPlainPip ? ['[ -x /opt/python/bin/pip ] || python3 -m venv /opt/python'] : []),
          `${python}/bin/pip install ${words(pip)}`,
        ],
    spack.length === 0
      ? []
      : [
          '# Packages of Spack',
          '[ -d /opt/spack ] || git clone --quiet --depth 1 https://github.com/spack/spack.git /opt/spack',
          `/opt/spack/bin/spack install ${words(spack)}`,
        ],
  ];
}

function systemLines(
  forDnf: readonly string[],
  forApt: readonly string[],
  family: PackageFamily | undefined,
): readonly string[] {
  // cloud-init and unattended upgrades hold the lock of apt at the first start of a machine.
  const apt = [
    'apt-get -o DPkg::Lock::Timeout=600 update',
    `apt-get -o DPkg::Lock::Timeout=600 install --yes ${words(forApt)}`,
  ];
  // Amazon Linux has a small curl that is in the way of the whole one.
  const dnf = [`dnf install --assumeyes --allowerasing ${words(forDnf)}`];
  if (family !== undefined) return family === 'apt' ? apt : dnf;
  return ['if command -v apt-get > /dev/null; then', ...indented(apt), 'else', ...indented(dnf), 'fi'];
}

/** Miniforge names its files by `uname -m`, as the machine does. */
function condaLines(conda: readonly string[]): readonly string[] {
  const installer = 'https://github.com/conda-forge/miniforge/releases/latest/download/Miniforge3-Linux-$(uname -m).sh';
  return [
    '# Packages of conda-forge',
    'if [ ! -x /opt/conda/bin/conda ]; then',
    `  curl --fail --silent --show-error --location --output /tmp/miniforge.sh "${installer}"`,
    '  bash /tmp/miniforge.sh -b -p /opt/conda',
    '  rm /tmp/miniforge.sh',
    'fi',
    `/opt/conda/bin/conda install --yes --override-channels --channel conda-forge ${words(conda)}`,
    'ln -sf /opt/conda/etc/profile.d/conda.sh /etc/profile.d/conda.sh',
  ];
}

export function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function words(texts: readonly string[]): string {
  return texts.map(shellWord).join(' ');
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
