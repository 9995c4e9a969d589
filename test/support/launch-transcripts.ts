import { closeSync, cpSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { actor } from '../../cli/audit/place.ts';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { imageMetadata } from '../../compiler/images/image-metadata.ts';
import { readImageTags } from '../../compiler/images/read-tags.ts';
import { chunkTag, signatureTag } from '../../compiler/images/tag-names.ts';
import { imageTags } from '../../compiler/images/write-tags.ts';
import type { MachineArchitecture } from '../../compiler/ir/obligation.ts';
import { readPrivateKey } from '../../runtime/signing/ed25519.ts';
import { signImage } from '../../runtime/signing/image.ts';
import { cloudEnvironment, sha256 } from './build-service.ts';
import type { ProjectFolder } from './polc-process.ts';
import type { StrictEc2 } from './strict-ec2.ts';

/** One command of a transcript, as it is typed, and all that it prints. */
export interface Exchange {
  /** What is said before it, each line with `# `. */
  readonly comment: string;
  /** Without `$ `; over several lines where they end with a backslash. */
  readonly command: string;
  /** Both streams; the last line is `[CODE]` where it does not end with 0. */
  readonly output: string;
}

/** What there is before the first command: `world.yaml` of a case. */
interface World {
  /** Files of the repository's examples, which lie in a folder `examples`. */
  readonly examples?: readonly string[];
  /** Key id → authority. Each signs templates, images and invitations. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Commands that are not shown. */
  readonly before?: readonly string[];
  /** Images in EC2, with the tags of their templates. */
  readonly images?: readonly {
    readonly id: string;
    readonly region: string;
    /** A file of the case. Absent: an image that is not of polc. */
    readonly template?: string;
    readonly architecture?: MachineArchitecture;
    readonly name?: string;
    readonly owner?: string;
    readonly signed_by?: string;
    /** An image whose tags it has, as a copy has those of its original. */
    readonly tags_of?: string;
    /** What became of the chunks of its metadata. */
    readonly damage?: 'missing' | 'reordered' | 'altered';
    /** Days. */
    readonly age?: number;
  }[];
}

export function readTranscript(text: string): readonly Exchange[] {
  const exchanges: Exchange[] = [];
  let comment = '';
  let lines: string[] = [];
  const end = () => {
    const [first, ...rest] = lines;
    if (first === undefined) return;
    let command = first.slice(2);
    while (command.endsWith('\\')) command += `\n${rest.shift() ?? ''}`;
    exchanges.push({ comment, command, output: rest.join('\n').trim() });
    comment = '';
    lines = [];
  };
  for (const line of text.split('\n')) {
    const isComment = /^# /.test(line);
    if (isComment || line.startsWith('$ ')) end();
    if (isComment) comment += `${line}\n`;
    else if (lines.length > 0 || line.startsWith('$ ')) lines.push(line);
  }
  end();
  return exchanges;
}

export function printTranscript(exchanges: readonly Exchange[]): string {
  const texts = exchanges.map(({ comment, command, output }) =>
    `${comment}$ ${command}\n${output}`.trim().concat('\n'),
  );
  return texts.join('\n');
}

/** The words of a command after `polc`. */
function wordsOf(command: string): readonly string[] {
  const words = [...command.matchAll(/"([^"]*)"|([^\s"\\]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  if (words[0] !== 'polc') throw new Error(`no command of polc: ${command}`);
  return words.slice(1);
}

/** A person's machine with the files of a case, and an AWS. */
export interface TranscriptWorld {
  /** Runs one command and gives what is printed, with what differs from run to run levelled. */
  run(command: string): Promise<string>;
}

export async function openWorld(folder: string, project: ProjectFolder, ec2: StrictEc2): Promise<TranscriptWorld> {
  cpSync(folder, project.folder, { recursive: true });
  rmSync(join(project.folder, 'transcript.txt'));
  const world: World = parse(readWorld(project)) ?? {};
  for (const file of world.examples ?? []) {
    const example = join(process.env.POLC_ROOT ?? '.', 'examples', file);
    project.write({ [join('examples', file)]: readFileSync(example, 'utf8') });
  }
  const home = join(project.folder, '../home');
  const env = { ...cloudEnvironment(ec2), AWS_REGION: 'us-west-2' };
  const log = join(project.folder, '../output');
  let token = '';
  const polc = async (command: string): Promise<string> => {
    const output = openSync(log, 'w');
    const words = wordsOf(command).map((word) => (word === '[token]' ? token : word));
    const child = project.start(words, { env, stdio: ['ignore', output, output] });
    const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(limit);
    closeSync(output);
    const text = readFileSync(log, 'utf8').trimEnd();
    token = /polc-invitation-1\.\S+/.exec(text)?.[0] ?? token;
    return status === 0 ? text : `${text}\n[${status}]`;
  };
  const prepare = async (command: string) => {
    const text = await polc(command);
    if (/\n\[\w+\]$/.test(text)) throw new Error(`${command}\n${text}`);
  };
  for (const [id, authority] of Object.entries(world.keys ?? {})) {
    const purposes = '--for template --for image --for approval --for invitation';
    await prepare(`polc keys generate ${id} --authority "${authority}" ${purposes}`);
  }
  for (const command of world.before ?? []) await prepare(command);
  for (const image of world.images ?? []) addImage(image, world, project, home, ec2);
  const level = leveller([project.folder, home], new Set((world.images ?? []).map(({ id }) => id)));
  return { run: async (command) => level(await polc(command)) };
}

function readWorld(project: ProjectFolder): string {
  const path = join(project.folder, 'world.yaml');
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  } finally {
    rmSync(path, { force: true });
  }
}

function addImage(
  image: NonNullable<World['images']>[number],
  { keys = {} }: World,
  project: ProjectFolder,
  home: string,
  ec2: StrictEc2,
): void {
  const { id, region, architecture = 'x86_64', owner = '123456789012', age = 0 } = image;
  const now = Date.now();
  const tags = new Map<string, string>();
  if (image.template !== undefined) {
    const path = join(project.folder, image.template);
    const { lowered, diagnostics } = compile(path, readFileSync(path), nodeHost, { maximumMilliseconds: 0 });
    const metadata = lowered && imageMetadata(lowered, { region, architecture }, sha256);
    if (metadata === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    const base = [...ec2.images.values()].find((each) => each.region === region && each.architecture === architecture);
    const compiled = new Date(now - age * 86_400_000).toISOString().replace(/\.\d+/, '');
    const built = {
      ...metadata,
      ...(base === undefined ? {} : { base_image: base.id }),
      compilation_id: `${metadata.source_template}-20261124t093000-0a1b2c3d`,
      compiled_at: compiled,
    };
    for (const [key, value] of imageTags(built, sha256) ?? []) tags.set(key, value);
  }
  const signer = image.signed_by;
  if (signer !== undefined) {
    const pem = readFileSync(join(home, `.config/polc/keys/${signer}.pem`), 'utf8');
    const reading = readImageTags(tags, sha256);
    const key = readPrivateKey(pem);
    if (key === undefined || 'refused' in reading) throw new Error(`${id} cannot be signed`);
    const by = { authority: keys[signer] ?? '', keyId: signer, key };
    tags.set(signatureTag, signImage({ image: id, region, owner, digest: reading.digest }, by, now));
  }
  for (const [key, value] of ec2.images.get(image.tags_of ?? '')?.tags ?? []) tags.set(key, value);
  damage(tags, image.damage);
  const madeAt = now - age * 86_400_000;
  const name = image.name ?? id;
  ec2.addImage({ region, id, name, owner, architecture, tags, madeAt });
}

function damage(tags: Map<string, string>, how: 'missing' | 'reordered' | 'altered' | undefined): void {
  const [first, second] = [chunkTag(0), chunkTag(1)];
  const [one = '', other = ''] = [tags.get(first), tags.get(second)];
  if (how !== undefined && other === '') throw new Error('there are no two chunks');
  if (how === 'missing') tags.delete(second);
  if (how === 'reordered') tags.set(first, other).set(second, one);
  if (how === 'altered') tags.set(first, `${one.startsWith('a') ? 'b' : 'a'}${one.slice(1)}`);
}

/** As many days from a day as it is from now; what is years away stands in a file of the case, and stays. */
function levelInstant(text: string): string {
  const days = Math.round((Date.parse(text) - Date.now()) / 86_400_000);
  if (Math.abs(days) > 400) return text;
  return new Date(Date.parse('2026-11-24T09:30:00Z') + days * 86_400_000).toISOString().replace('.000', '');
}

/** Places are built at the same time, and say so in any order. */
function inOrder(lines: readonly string[]): readonly string[] {
  const steps = [/^→ Building /, /^→ Copying /, /^✓ /];
  const stepOf = (line: string) => steps.findIndex((step) => step.test(line));
  const moved = lines.filter((line) => stepOf(line) >= 0);
  moved.sort((left, right) => stepOf(left) - stepOf(right) || (left < right ? -1 : 1));
  return lines.map((line) => (stepOf(line) >= 0 ? (moved.shift() ?? '') : line));
}

/** Gives ids, times and signatures the same text in every run, the first id of a kind the first number. */
function leveller(folders: readonly string[], kept: ReadonlySet<string>): (text: string) => string {
  const [project = '', home = ''] = folders;
  const ids = new Map<string, string>();
  const numbered = (id: string) => {
    const [kind = ''] = id.split('-');
    const before = ids.get(id);
    if (before !== undefined || kept.has(id)) return before ?? id;
    const number = [...ids.keys()].filter((each) => each.startsWith(`${kind}-`)).length + 1;
    const level = `${kind}-0${number.toString(16).padStart(16, '0')}`;
    ids.set(id, level);
    return level;
  };
  return (text) =>
    inOrder(text.split('\n').map((line) => line.trimEnd()))
      .join('\n')
      .replaceAll(project, '~/project')
      .replaceAll(home, '~')
      .replace(/\b(?:ami|i|snap|vol)-[0-9a-f]{17}\b/g, numbered)
      .replace(/polc-invitation-1\.\S+/g, 'polc-invitation-1.[token]')
      .replace(/\b20\d\d[01]\d[0-3]\dt\d{6}-[0-9a-f]{8}\b/g, '20261124t093000-0a1b2c3d')
      .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, levelInstant)
      .replace(
        /\b20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC/g,
        (_, seconds = '') => `2026-11-24 09:30${seconds && ':00'} UTC`,
      )
      .replace(/Z:[A-Za-z0-9_-]{86}\b/g, 'Z:SIGNATURE')
      // Of an image, whose metadata have the time of its build.
      .replace(/("(?:policy_hash|tag:polc:policy)": )"[0-9a-f]{64}"/g, '$1"SHA-256"')
      .replace(/("(?:daily_spend|monthly_spend|image_age)": )[\d.]+/g, '$11.5')
      .replaceAll(actor(), 'ana@laptop');
}
