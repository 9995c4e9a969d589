import type { AuditRecord } from '../../kernel/audit-log.ts';

/** What Landlock refused the program, as a line of JSON has it. */
export interface RefusalEvent {
  /** RFC 3339, in UTC: when the kernel wrote the record. */
  readonly time: string;
  readonly policy: string;
  readonly event: 'refusal';
  readonly by: 'landlock';
  /** The rights that were lacking, as the kernel names them: `fs.write_file`, `net.connect_tcp`, `scope.signal`. */
  readonly lacking: readonly string[];
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
  /** The process that was to be signalled or traced. */
  readonly other?: number;
  /** Where the record of the system call has come with it. */
  readonly pid?: number;
  readonly command?: string;
}

/** AUDIT_LANDLOCK_ACCESS, AUDIT_LANDLOCK_DOMAIN, AUDIT_SYSCALL and AUDIT_EOE of linux/audit.h. */
const type = { access: 1423, domain: 1424, call: 1300, end: 1320 } as const;
/** A domain that is refused something for the first time is named right after it. */
const mostStrangers = 256;

interface Refused {
  readonly serial: string;
  readonly event: RefusalEvent;
}

/**
 * Finds among the audit records of a machine those of one program's Landlock domain. The kernel tells of a refusal the
 * number of the domain alone, and after the first one of a domain once which process made that domain, and from which
 * file: the launcher. A domain that the program makes later for itself comes from another file.
 */
export class LandlockRefusals {
  readonly #policy: string;
  readonly #tell: (event: RefusalEvent) => void;
  readonly #refused: () => void;
  /** The launcher that becomes the program, from when it is known. */
  #maker: { readonly process: number; readonly file: string } | undefined;
  #own: string | undefined;
  /** The first refusals of domains whose maker is not known yet. */
  readonly #strangers = new Map<string, Refused[]>();
  /** Of the program, without the system call yet. */
  #open: Refused | undefined;

  /**
   * @param refused is called for each refusal of the program, at once
   * @param tell is given each, when what belongs to it has come or will not come any more
   */
  constructor(policy: string, refused: () => void, tell: (event: RefusalEvent) => void) {
    this.#policy = policy;
    this.#refused = refused;
    this.#tell = tell;
  }

  /** Who makes the domain; before that records are kept. */
  madeBy(process: number, file: string): void {
    this.#maker = { process, file };
  }

  hear({ type: kind, text }: AuditRecord): void {
    if (kind !== type.access && kind !== type.domain && kind !== type.call && kind !== type.end) return;
    const head = /^audit\((\d{1,12})\.(\d{3}):(\d{1,20})\): ?/.exec(text);
    if (head === null) return;
    const serial = head[3]!;
    if (kind === type.end) {
      if (this.#open?.serial === serial) this.settle();
      return;
    }
    const values = fieldsOf(text.slice(head[0].length));
    if (kind === type.call) this.#addCall(serial, values);
    else if (kind === type.domain) this.#name(values);
    else this.#access(serial, Number(head[1]) * 1000 + Number(head[2]), values);
  }

  /** Tells of a refusal whose system call has not come. */
  settle(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) this.#tell(open.event);
  }

  #access(serial: string, milliseconds: number, values: Fields): void {
    const domain = values.get('domain');
    if (domain === undefined) return;
    const refused = { serial, event: eventOf(this.#policy, milliseconds, values) };
    if (domain === this.#own) this.#take(refused);
    else if (this.#own === undefined) {
      const before = this.#strangers.get(domain);
      if (before !== undefined) {
        if (before.length < mostStrangers) before.push(refused);
        return;
      }
      // Of domains that were named before this process listened no name comes: the oldest gives way.
      if (this.#strangers.size === mostStrangers) this.#strangers.delete(this.#strangers.keys().next().value ?? '');
      this.#strangers.set(domain, [refused]);
    }
  }

  #name(values: Fields): void {
    const domain = values.get('domain');
    if (domain === undefined || this.#own !== undefined || values.get('status') !== 'allocated') return;
    const kept = this.#strangers.get(domain) ?? [];
    this.#strangers.delete(domain);
    const isOwn =
      this.#maker !== undefined &&
      values.get('pid') === String(this.#maker.process) &&
      values.get('exe') === this.#maker.file;
    if (!isOwn) return;
    this.#own = domain;
    this.#strangers.clear();
    for (const each of kept) this.#take(each);
  }

  #take(refused: Refused): void {
    this.settle();
    this.#open = refused;
    this.#refused();
  }

  #addCall(serial: string, values: Fields): void {
    if (this.#open?.serial !== serial) return;
    const pid = numberOf(values.get('pid'));
    const command = values.get('comm');
    const { event } = this.#open;
    this.#open = {
      serial,
      event: { ...event, ...(pid === undefined ? {} : { pid }), ...(command === undefined ? {} : { command }) },
    };
    this.settle();
  }
}

function eventOf(policy: string, milliseconds: number, values: Fields): RefusalEvent {
  const path = values.get('path');
  const address = values.get('daddr') ?? values.get('saddr');
  const port = numberOf(values.get('dest') ?? values.get('src'));
  const other = numberOf(values.get('opid'));
  return {
    time: new Date(milliseconds).toISOString(),
    policy,
    event: 'refusal',
    by: 'landlock',
    lacking: (values.get('blockers') ?? '').split(',').filter((each) => each !== ''),
    ...(path === undefined ? {} : { path }),
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
    ...(other === undefined ? {} : { other }),
  };
}

type Fields = ReadonlyMap<string, string>;

/** What others may choose, which the kernel writes in quotes, or in hexadecimal where a quote, a blank or another byte is in it. */
const chosen: readonly string[] = ['path', 'exe', 'comm', 'ocomm'];

/** `NAME=VALUE` with blanks between; of a name that comes twice the first counts. */
function fieldsOf(text: string): Fields {
  const values = new Map<string, string>();
  for (const word of text.split(' ')) {
    const at = word.indexOf('=');
    const name = word.slice(0, at);
    if (at <= 0 || values.has(name)) continue;
    const value = word.slice(at + 1);
    if (/^"[^"]*"$/.test(value)) values.set(name, value.slice(1, -1));
    else if (chosen.includes(name)) {
      if (/^([0-9A-F]{2})+$/.test(value)) values.set(name, Buffer.from(value, 'hex').toString('utf8'));
    } else if (!value.includes('"')) values.set(name, value);
  }
  return values;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
