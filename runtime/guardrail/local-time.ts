/** Wall-clock time in a zone. */
export interface LocalTime {
  /** 0 Monday to 6 Sunday. */
  readonly weekday: number;
  /** 0 to 1439. */
  readonly minute: number;
}

const weekdays: Readonly<Record<string, number>> = { Mon: 0, Tue: 1, Wed: 2, Thu: 3, Fri: 4, Sat: 5, Sun: 6 };
const utcNames = new Set(['UTC', 'Etc/UTC', 'Etc/UCT', 'Etc/Zulu', 'Etc/Universal', 'UCT', 'Universal', 'Zulu']);

const minuteLength = 60_000;
const dayLength = 86_400_000;
/** Instants that fill the memory; then it is emptied. */
const mostRemembered = 4096;

/**
 * Asks Intl for wall-clock times, with one formatter a zone and what it answered before: making a formatter takes
 * milliseconds, asking it a microsecond. For UTC it is not asked.
 */
export class LocalClock {
  readonly #formats = new Map<string, Intl.DateTimeFormat | undefined>();
  readonly #known = new Map<string, Map<number, LocalTime>>();

  /**
   * @param at milliseconds since 1970
   * @returns undefined where this machine knows no such zone
   */
  at(zone: string, at: number): LocalTime | undefined {
    if (utcNames.has(zone)) return localTime(at);
    // Offsets of whole seconds were in use until 1972, so that a minute of the clock need not be one of UTC.
    const second = Math.floor(at / 1000);
    let known = this.#known.get(zone);
    if (known === undefined || known.size >= mostRemembered) {
      known = new Map();
      this.#known.set(zone, known);
    }
    const before = known.get(second);
    if (before !== undefined) return before;
    const found = this.#ask(zone, at);
    if (found !== undefined) known.set(second, found);
    return found;
  }

  #ask(zone: string, at: number): LocalTime | undefined {
    const format = this.#format(zone);
    if (format === undefined) return undefined;
    // `Mon, 09:05` in this locale.
    const text = format.format(at);
    const weekday = weekdays[text.slice(0, 3)];
    const minute = Number(text.slice(-5, -3)) * 60 + Number(text.slice(-2));
    return weekday === undefined || Number.isNaN(minute) ? undefined : { weekday, minute };
  }

  #format(zone: string): Intl.DateTimeFormat | undefined {
    if (!this.#formats.has(zone)) this.#formats.set(zone, formatOf(zone));
    return this.#formats.get(zone);
  }
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    // A RangeError: Node was built without this zone's data.
    return undefined;
  }
}

function localTime(at: number): LocalTime {
  const minutes = Math.floor(at / minuteLength);
  const days = Math.floor(at / dayLength);
  // 1 January 1970 was a Thursday.
  return { weekday: (((days + 3) % 7) + 7) % 7, minute: minutes - days * 1440 };
}
