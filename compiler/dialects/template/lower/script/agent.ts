import type { PackageFamily } from '../../../../tables/base-images.ts';
import { indented } from './packages.ts';

/** The base images that come with the agent of Systems Manager ("Find AMIs with the SSM Agent preinstalled"). */
export function hasAgent(base: string): boolean {
  return /^(ubuntu|amazon-?linux|al2023)/.test(base);
}

/** The lines that install the agent, by which a builder is followed, where the image has none ("Install SSM Agent on Linux"). */
export function agentLines(family: PackageFamily | undefined): readonly string[] {
  const place = 'https://s3.amazonaws.com/ec2-downloads-linux/SSMAgent/latest';
  const download = `curl --fail --silent --show-error --location --output`;
  const apt = [
    'command -v curl > /dev/null || { apt-get -o DPkg::Lock::Timeout=600 update; apt-get -o DPkg::Lock::Timeout=600 install --yes curl; }',
    `${download} /tmp/amazon-ssm-agent.deb "${place}/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb"`,
    'dpkg --install /tmp/amazon-ssm-agent.deb',
    'rm -f /tmp/amazon-ssm-agent.deb',
  ];
  const dnf = [
    `dnf install --assumeyes "${place}/linux_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')/amazon-ssm-agent.rpm"`,
  ];
  const either =
    family === undefined
      ? ['if command -v apt-get > /dev/null; then', ...indented(apt), 'else', ...indented(dnf), 'fi']
      : family === 'apt'
        ? apt
        : dnf;
  return [
    'if ! systemctl cat amazon-ssm-agent.service > /dev/null 2>&1 && [ ! -d /snap/amazon-ssm-agent ]; then',
    ...indented([...either, 'systemctl enable --now amazon-ssm-agent.service']),
    'fi',
  ];
}
