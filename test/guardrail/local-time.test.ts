import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { decisionAt } from '../../compiler/ir/policy.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { LocalClock } from '../../runtime/guardrail/local-time.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('local time');

/** With summer time, half and quarter hours, changes of half an hour, none, and a day that was left out. */
const zones = [
  'UTC',
  'Etc/UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Africa/Casablanca',
  'America/Sao_Paulo',
];

/** An instant, often within three hours of a change of the zone's offset. */
const moments = fc
  .tuple(
    fc.constantFrom(...zones),
    fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2037, 0) }),
    fc.integer({ min: -10_800_000, max: 10_800_000 }),
    fc.boolean(),
  )
  .map(([zone, at, aside, nearChange]) => {
    const change = nearChange
      ? Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).getTimeZoneTransition('next')
      : null;
    return { zone, at: change === null ? at : change.epochMilliseconds + aside };
  });

test('weekday and minute are those of Temporal, around every change of the clock', () => {
  const clock = new LocalClock();
  fc.assert(
    fc.property(moments, ({ zone, at }) => {
      const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
      const expected = { weekday: time.dayOfWeek - 1, minute: time.hour * 60 + time.minute };
      assert.equal(clock.at(zone, at), expected, `${zone} ${at}`);
      assert.equal(clock.at(zone, at), expected);
    }),
    { numRuns: 4000 },
  );
});

const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const clockText = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** The meaning of a window as decision 13 has it: of the day that began it, `[start, end)` on the wall clock. */
function isInside(time: Temporal.ZonedDateTime, start: number, end: number, days: readonly string[]): boolean {
  const minute = time.hour * 60 + time.minute;
  const today = names[time.dayOfWeek - 1]!;
  const yesterday = names[(time.dayOfWeek + 5) % 7]!;
  if (start < end) return days.includes(today) && minute >= start && minute < end;
  return (days.includes(today) && minute >= start) || (days.includes(yesterday) && minute < end);
}

test('time windows of compiled policies are those instants: overnight, half-hour zones, repeated and skipped hours', () => {
  const window = fc.record({
    start: fc.nat(1439),
    end: fc.nat(1439),
    days: fc.subarray(names, { minLength: 1 }),
  });
  const clock = new LocalClock();
  fc.assert(
    fc.property(
      window.filter(({ start, end }) => start !== end),
      fc.array(moments, { minLength: 30, maxLength: 30 }),
      ({ start, end, days }, instants) => {
        const { zone } = instants[0]!;
        const text = `policy_id: w
mode: dry_run
ttl_minutes: 0
match: { source: [budgets], account_ids: ["123456789012"], min_amount_usd: 1 }
scope: { principals: [] }
actions: [{ type: notify_only }]
notify: { slack_webhook_ssm_param: /guardrails/slack }
exceptions:
  time_windows:
    - { start: "${clockText(start)}", end: "${clockText(end)}", timezone: ${zone}, days: [${days.join(', ')}] }
`;
        const { lowered } = compile('w.yaml', text, nodeHost, { target: defaultTarget, maximumMilliseconds: 0 });
        const rule = decisionAt(lowered!, 'cost-event')!;
        for (const { at } of instants) {
          const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
          const verdict = decide(rule, {
            parameter: () => undefined,
            attribute(name) {
              const local = clock.at(name.slice(name.indexOf('@') + 1), at);
              if (name.startsWith('minute@')) return BigInt(local!.minute);
              if (name.startsWith('weekday@')) return BigInt(local!.weekday);
              return { source: 'budgets', account: '123456789012', amount: 5 }[name];
            },
          });
          const passes = verdict?.effect.kind === 'allow';
          assert.is(passes, isInside(time, start, end, days), `${time} ${clockText(start)}-${clockText(end)} ${days}`);
        }
      },
    ),
    { numRuns: 100 },
  );
});

run();
