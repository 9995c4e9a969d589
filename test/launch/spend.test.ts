import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { AwsFailure } from '../../runtime/aws/failure.ts';
import { budgetText } from '../../runtime/launch/budget-text.ts';
import { reportedSpend } from '../../runtime/launch/cost-explorer.ts';
import { type LedgerRecord, ledgerLine, profileTag } from '../../runtime/launch/ledger-records.ts';
import { readLedger } from '../../runtime/launch/ledger-state.ts';
import { type PlannedLaunch, readSpend, type Spend, spendFacts, type WindowSpend } from '../../runtime/launch/spend.ts';
import { suite } from '../support/harness.ts';
import { hasMoto, startMoto } from '../support/moto.ts';

const { test, skip, run } = suite('spend');

const minute = 60_000;
const day = 24 * 60;
/** Two days before a month ends. */
const begin = Date.parse('2026-10-30T00:00:00Z');
const at = (minutes: number) => new Date(begin + minutes * minute).toISOString();

interface Run {
  readonly from: number;
  readonly minutes: number;
  readonly pause: number;
  readonly again: number;
  readonly until: number | undefined;
  /** Cents an hour. */
  readonly cents: number;
}

const runs = fc.array(
  fc.record<Run>({
    from: fc.nat(4 * day),
    minutes: fc.integer({ min: 1, max: day }),
    pause: fc.integer({ min: 1, max: day }),
    again: fc.integer({ min: 1, max: day }),
    until: fc.option(fc.nat(8 * day), { nil: undefined }),
    cents: fc.integer({ min: 1, max: 500 }),
  }),
  { maxLength: 6 },
);

test('a window adds up to what each of its minutes costs', () => {
  fc.assert(
    fc.property(
      runs,
      fc.nat(4 * day),
      fc.option(fc.nat(6 * day), { nil: undefined }),
      fc.nat(6),
      (all, any, until, place) => {
        // At random moments, and at those at which something begins or ends.
        const now = [any, ...all.flatMap(({ from, minutes }) => [from, from + minutes])][place] ?? any;
        const ledger = readLedger(ledgerText(all, now));
        assert.is(ledger.problem, undefined);
        const planned = { ...launch('asked', 1), ...(until === undefined ? {} : { until: begin + until * minute }) };
        const reading = readSpend(ledger, planned, begin + now * minute);
        if ('problem' in reading) throw new Error(reading.problem);
        const { spend } = reading;
        const started = all.filter(({ from }) => from <= now);
        const sum = started.reduce((cents, each) => cents + (isOn(each, now, now) ? each.cents : 0), 0);
        near(spend.hour.running, sum / 100);
        near(spend.hour.total, sum / 100 + 1);
        const dayStart = Math.floor(now / day) * day;
        same(spend.day, byMinutes(started, now, until, dayStart, dayStart + day));
        const november = 2 * day;
        const month = now < november ? ([-29 * day, november] as const) : ([november, november + 30 * day] as const);
        same(spend.month, byMinutes(started, now, until, ...month));
      },
    ),
    { numRuns: 60 },
  );
});

/** What is recorded until `now`; a run is ended, resumed and ended again. */
function ledgerText(all: readonly Run[], now: number): string {
  const records: { readonly minute: number; readonly record: LedgerRecord }[] = [];
  for (const [index, { from, minutes, pause, again, until, cents }] of all.entries()) {
    const id = String(index);
    const place = { region: 'eu-west-1', instance_type: 't3.micro', hourly_cost: cents / 100 };
    const end = until === undefined ? {} : { until: at(until) };
    const add = (moment: number, record: LedgerRecord) => records.push({ minute: moment, record });
    const own = { id, profile: 'cs101', who: 'ann', name: id };
    add(from, { format: 1, event: 'reserve', at: at(from), ...own, ...place, ...end });
    const [stop, resume] = [from + minutes, from + minutes + pause];
    add(stop, { format: 1, event: 'end', id, at: at(stop) });
    add(resume, { format: 1, event: 'resume', id, at: at(resume) });
    add(resume + again, { format: 1, event: 'end', id, at: at(resume + again) });
  }
  const known = records.filter((each) => each.minute <= now).sort((left, right) => left.minute - right.minute);
  return known.map(({ record }) => `${ledgerLine(record)}\n`).join('');
}

/** Whether it runs in a minute as far as is known at `now`. */
function isOn({ from, minutes, pause, again, until }: Run, moment: number, now: number): boolean {
  const known = moment > now ? now : moment;
  const after = known - from;
  const on = (after >= 0 && after < minutes) || (after >= minutes + pause && after < minutes + pause + again);
  return on && (moment < now || until === undefined || until <= now || moment < until);
}

function byMinutes(all: readonly Run[], now: number, until: number | undefined, from: number, to: number): WindowSpend {
  const [first, last] = [Math.max(from, -1), to];
  let [spent, running, own] = [0, 0, 0];
  for (let moment = first; moment < last; moment++) {
    for (const each of all) {
      if (!isOn(each, moment, now)) continue;
      if (moment < now) spent += each.cents;
      else running += each.cents;
    }
    if (moment >= now && (until === undefined || until <= now || moment < until)) own += 100;
  }
  const dollars = (cents: number) => cents / 100 / 60;
  return {
    spent: dollars(spent),
    running: dollars(running),
    this: dollars(own),
    total: dollars(spent + running + own),
  };
}

function same(one: WindowSpend, other: WindowSpend): void {
  for (const part of ['spent', 'running', 'this', 'total'] as const) near(one[part], other[part]);
}

function near(one: number, other: number): void {
  assert.ok(Math.abs(one - other) < 1e-7, `${one} and ${other}`);
}

test('an instance of seconds costs its minute', () => {
  const [reserved, ended] = ['2026-11-23T12:00:00Z', '2026-11-23T12:00:01Z'];
  const place = { region: 'eu-west-1', instance_type: 't3.micro', hourly_cost: 60 };
  const text = [
    ledgerLine({
      format: 1,
      event: 'reserve',
      at: reserved,
      id: 'a',
      profile: 'cs101',
      who: 'ann',
      name: 'a',
      ...place,
    }),
    ledgerLine({ format: 1, event: 'end', at: ended, id: 'a' }),
  ].join('\n');
  const reading = readSpend(readLedger(`${text}\n`), launch('b', 1), Date.parse('2026-11-23T13:00:00Z'));
  assert.is('spend' in reading ? reading.spend.day.spent : undefined, 1);
});

test('three launches at $0.10 fill a budget of $0.30, and are no more than it', () => {
  const place = { region: 'eu-west-1', instance_type: 't3.micro', hourly_cost: 0.1 };
  const text = ['a', 'b']
    .map((id) =>
      ledgerLine({ format: 1, event: 'reserve', at: at(0), id, profile: 'cs101', who: 'ann', name: id, ...place }),
    )
    .join('\n');
  const reading = readSpend(readLedger(`${text}\n`), launch('c', 0.1), begin);
  assert.equal(spendFacts(reading).hourlySpend, 0.3);
});

test('without a price, for it or for what was launched this month, nothing is known', () => {
  const place = { region: 'eu-west-1', instance_type: 't3.micro' };
  const own = { id: 'a', profile: 'cs101', who: 'ann', name: 'a' };
  const text = `${ledgerLine({ format: 1, event: 'reserve', at: at(0), ...own, ...place })}\n${ledgerLine({ format: 1, event: 'end', id: 'a', at: at(60) })}\n`;
  const ledger = readLedger(text);
  assert.equal(spendFacts(readSpend(ledger, launch('b', 1), begin + 60 * minute)), {});
  assert.is(spendFacts(readSpend(ledger, launch('b', 1), begin + 3 * day * minute)).hourlySpend, 1);
  assert.equal(spendFacts(readSpend(readLedger(''), launch('b', undefined), begin)), {});
  for (const price of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    assert.equal(spendFacts(readSpend(readLedger(''), launch('b', price), begin)), {});
  }
  const nonsense = readSpend(readLedger(''), launch('b', 1), begin, { day: Number.NaN, month: 1 });
  assert.equal(spendFacts(nonsense), {});
});

test('of what the ledger and a report say was spent, the larger counts', () => {
  const reading = readSpend(readLedger(''), launch('a', 1), begin + 12 * 60 * minute, { day: 3, month: 7 });
  assert.equal('spend' in reading ? [reading.spend.day, reading.spend.month.spent] : [], [
    { spent: 3, running: 0, this: 12, total: 15 },
    7,
  ]);
});

test('the arithmetic of each budget is said', () => {
  const spend: Spend = {
    hour: { running: 0.42, this: 0.19, total: 0.61 },
    day: { spent: 3.2, running: 4, this: 1.9, total: 9.1 },
    month: { spent: 31.25, running: 0, this: 90.4, total: 121.65 },
  };
  assert.equal(
    [
      budgetText('hourly_spend', spend, 0.5),
      budgetText('daily_spend', spend, 8),
      budgetText('monthly_spend', spend, 300),
    ],
    [
      '$0.42/h running + $0.19/h this = $0.61/h exceeds $0.50/h',
      '$3.20 spent today + $4.00 running until 00:00 UTC + $1.90 this = $9.10 exceeds $8.00 a day',
      "$31.25 spent this month + $0.00 running until the month's end + $90.40 this = $121.65 is within $300.00 a month",
    ],
  );
  const close: Spend = { ...spend, hour: { running: 0.4536, this: 0.0464, total: 0.5 } };
  assert.is(
    budgetText('hourly_spend', close, 0.4999),
    '$0.4536/h running + $0.0464/h this = $0.5000/h exceeds $0.4999/h',
  );
});

test('amounts add up as they are printed, and their comparison is the one that decided', () => {
  const nano = fc.nat(2_000_000_000).map((units) => units / 1e9);
  fc.assert(
    fc.property(
      nano,
      nano,
      fc.nat(30_000).map((units) => units / 1e4),
      fc.option(fc.constantFrom(1, 2, 4, 6)),
      (running, own, any, digits) => {
        const total = Math.round((running + own) * 1e9) / 1e9;
        const limit = digits === null ? any : Number(total.toFixed(digits));
        const none = { spent: 0, running: 0, this: 0, total: 0 };
        const text = budgetText('hourly_spend', { hour: { running, this: own, total }, day: none, month: none }, limit);
        const [left, right, sum, most] = [...text.matchAll(/\$(\d+)\.(\d+)/g)].map(([, whole, rest]) =>
          BigInt(`${whole}${rest}`),
        );
        assert.is(left! + right!, sum, text);
        assert.is(text.includes('exceeds'), total > limit);
        assert.is(sum! > most!, total > limit, text);
      },
    ),
  );
});

const now = Date.parse('2026-11-23T09:00:00Z');

test('Cost Explorer is asked for the month by the profile, page by page', async () => {
  await withExplorer(async (explorer) => {
    explorer.days = [
      ['2026-11-01', '10.5'],
      ['2026-11-22', '0.0000001'],
      ['2026-11-22', '-3'],
      ['2026-11-23', '1.25'],
    ];
    assert.equal(await asked(), { day: 1.25, month: 11.7500001 });
    const [, first, second] = explorer.requests;
    assert.equal(first?.TimePeriod, { Start: '2026-11-01', End: '2026-11-24' });
    const filter = JSON.stringify(first?.Filter);
    assert.ok(filter.includes(`{"Key":"${profileTag}","Values":["cs101"],"MatchOptions":["EQUALS"]}`), filter);
    assert.is(second?.NextPageToken, '2');
  });
});

test('whatever else Cost Explorer answers is a failure', async () => {
  await withExplorer(async (explorer) => {
    const refused = async (code: string) => {
      const error = await asked().then(
        () => undefined,
        (failure: unknown) => failure,
      );
      assert.ok(error instanceof AwsFailure, `${code}: ${error}`);
      assert.is(error.code, code);
    };
    explorer.status = 'Inactive';
    await refused('TagNotActive');
    explorer.status = undefined;
    await refused('TagNotActive');
    explorer.status = 'Active';
    for (const amount of ['', 'much', 'NaN']) {
      explorer.days = [['2026-11-01', amount]];
      await refused('Unreadable');
    }
    explorer.days = [['2026-11-01', '1']];
    explorer.unit = 'EUR';
    await refused('Unreadable');
    explorer.unit = 'USD';
    explorer.days = undefined;
    await refused('Unreadable');
    explorer.fails = 400;
    await refused('AccessDenied');
    explorer.fails = 500;
    await refused('AccessDenied');
  });
  const error = await asked().then(
    () => undefined,
    (failure: unknown) => failure,
  );
  assert.is(error instanceof AwsFailure ? error.code : error, 'Unreachable');
});

if (hasMoto()) {
  test("moto's Cost Explorer answers the question that is asked of it", async () => {
    const moto = await startMoto();
    try {
      const period = { Start: '2026-11-23', End: '2026-11-24' };
      const total = { UnblendedCost: { Amount: '4.5', Unit: 'USD' } };
      const results = [{ ResultsByTime: [{ TimePeriod: period, Total: total, Groups: [], Estimated: true }] }];
      const path = `${moto.url}/moto-api/static/ce/cost-and-usage-results`;
      const answer = await fetch(path, { method: 'POST', body: JSON.stringify({ results }) });
      assert.is(answer.status, 201);
      // It knows no ListCostAllocationTags.
      await withExplorer((explorer) => {
        explorer.elsewhere = moto.url;
        return asked();
      }).then((spend) => assert.equal(spend, { day: 4.5, month: 4.5 }));
    } finally {
      await moto.close();
    }
  });
} else {
  skip("moto's Cost Explorer answers the question that is asked of it", 'there is no moto_server');
}

function asked() {
  return reportedSpend('cs101', now, { region: 'eu-west-1', attempts: 1, timeout: 5000 });
}

interface Explorer {
  readonly requests: Readonly<Record<string, unknown>>[];
  days: (readonly [date: string, amount: string])[] | undefined;
  unit: string;
  status: string | undefined;
  fails: number | undefined;
  /** Whom it asks for costs in its place. */
  elsewhere: string | undefined;
}

/** The JSON protocol of Cost Explorer with pages of two days, on the loopback interface. */
async function withExplorer<T>(work: (explorer: Explorer) => Promise<T>): Promise<T> {
  const explorer: Explorer = {
    requests: [],
    days: [],
    unit: 'USD',
    status: 'Active',
    fails: undefined,
    elsewhere: undefined,
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const input: Readonly<Record<string, unknown>> = JSON.parse(body);
    explorer.requests.push(input);
    const send = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(value));
    };
    const action = String(request.headers['x-amz-target']).split('.')[1];
    if (explorer.fails !== undefined) return send(explorer.fails, { __type: 'AccessDeniedException', message: 'no' });
    if (action === 'ListCostAllocationTags') {
      const tags =
        explorer.status === undefined ? [] : [{ TagKey: profileTag, Type: 'UserDefined', Status: explorer.status }];
      return send(200, { CostAllocationTags: tags });
    }
    if (explorer.elsewhere !== undefined) {
      const headers = {
        'x-amz-target': String(request.headers['x-amz-target']),
        authorization: request.headers.authorization ?? '',
      };
      const type = { 'content-type': 'application/x-amz-json-1.1' };
      const answer = await fetch(explorer.elsewhere, { method: 'POST', headers: { ...headers, ...type }, body });
      return send(answer.status, await answer.json());
    }
    const { days, unit } = explorer;
    if (days === undefined) return send(200, {});
    const from = Number(input.NextPageToken ?? 0);
    const results = days.slice(from, from + 2).map(([date, Amount]) => {
      return { TimePeriod: { Start: date, End: date }, Total: { UnblendedCost: { Amount, Unit: unit } } };
    });
    const next = from + 2 < days.length ? { NextPageToken: String(from + 2) } : {};
    return send(200, { ResultsByTime: results, ...next });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  try {
    return await work(explorer);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function launch(id: string, hourlyCost: number | undefined): PlannedLaunch {
  const place = { region: 'eu-west-1', instanceType: 't3.micro' };
  return { id, profile: 'cs101', who: 'ann', name: id, ...place, hourlyCost };
}

run();
