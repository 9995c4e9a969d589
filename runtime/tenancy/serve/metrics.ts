/** What is measured, under names that stay. Times are in seconds, as Prometheus has them. */
export interface Measured {
  /** Operations that wait or run. */
  readonly queue: number;
  /** Teams whose limits are in force; undefined where that is not known. */
  readonly activeTeams: number | undefined;
  /** Objects that differ from the policy, and keys that differ from their holders. */
  readonly drifted: number | undefined;
  readonly compliant: boolean;
  readonly checks: ReadonlyMap<string, boolean>;
  /** Milliseconds since 1970 of the last check that came to an end. */
  readonly checkedAt: number | undefined;
}

const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/** Counts what is done since the process began. */
export class Metrics {
  readonly #applications = { success: 0, failure: 0 };
  readonly #answers = new Map<number, number>();
  readonly #buckets = bounds.map(() => 0);
  #synchronised = 0;
  #seconds = 0;

  applied(result: 'success' | 'failure'): void {
    this.#applications[result] += 1;
  }

  /** @param milliseconds from when a change was accepted until it was in force */
  synchronised(milliseconds: number): void {
    const seconds = milliseconds / 1000;
    this.#synchronised += 1;
    this.#seconds += seconds;
    bounds.forEach((bound, index) => {
      if (seconds <= bound) this.#buckets[index] = this.#buckets[index]! + 1;
    });
  }

  answered(status: number): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
  }

  /** The text format of Prometheus, version 0.0.4 ("Exposition formats"). What is not known has no sample. */
  text({ queue, activeTeams, drifted, compliant, checks, checkedAt }: Measured): string {
    const lines: string[] = [];
    const family = (name: string, type: string, help: string, samples: readonly (readonly [string, number])[]) => {
      lines.push(`# HELP polc_tenancy_${name} ${help}`, `# TYPE polc_tenancy_${name} ${type}`);
      for (const [labels, value] of samples) lines.push(`polc_tenancy_${name}${labels} ${value}`);
    };
    const known = (value: number | undefined) => (value === undefined ? [] : ([['', value]] as const));
    const { success, failure } = this.#applications;
    family('applications_total', 'counter', 'Applications of policies by result.', [
      ['{result="success"}', success],
      ['{result="failure"}', failure],
    ]);
    lines.push(
      '# HELP polc_tenancy_synchronisation_seconds From the request for a change until it is in force.',
      '# TYPE polc_tenancy_synchronisation_seconds histogram',
      ...bounds.map((bound, at) => `polc_tenancy_synchronisation_seconds_bucket{le="${bound}"} ${this.#buckets[at]}`),
      `polc_tenancy_synchronisation_seconds_bucket{le="+Inf"} ${this.#synchronised}`,
      `polc_tenancy_synchronisation_seconds_sum ${this.#seconds}`,
      `polc_tenancy_synchronisation_seconds_count ${this.#synchronised}`,
    );
    family('active_team_policies', 'gauge', 'Teams whose limits are in force.', known(activeTeams));
    family('compliant', 'gauge', 'Whether the cluster is what the policy says.', [['', compliant ? 1 : 0]]);
    family('drifted_objects', 'gauge', 'Policies and keys that differ from what was said.', known(drifted));
    family('queue_length', 'gauge', 'Operations that wait or run.', [['', queue]]);
    const states = [...checks].map(([name, fine]) => [`{check="${name}"}`, fine ? 1 : 0] as const);
    family('health_check', 'gauge', 'Whether a check of readiness succeeds.', states);
    const seconds = checkedAt === undefined ? undefined : checkedAt / 1000;
    family('last_check_timestamp_seconds', 'gauge', 'When the cluster was last compared.', known(seconds));
    const answers = [...this.#answers].sort(([one], [other]) => one - other);
    const answered = answers.map(([status, count]) => [`{code="${status}"}`, count] as const);
    family('http_answers_total', 'counter', 'Answers by status.', answered);
    return `${lines.join('\n')}\n`;
  }
}
