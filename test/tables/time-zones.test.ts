import * as assert from 'uvu/assert';
import { isTimeZone, nearestTimeZone, timeZoneNames } from '../../compiler/tables/time-zones.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('time-zones');

test('the engine knows every zone of the table, and the table every zone of the engine', () => {
  for (const timeZone of timeZoneNames()) new Intl.DateTimeFormat('en', { timeZone });
  assert.equal(
    Intl.supportedValuesOf('timeZone').filter((name) => !isTimeZone(name)),
    [],
  );
  for (const link of ['UTC', 'US/Pacific', 'Asia/Calcutta', 'EST5EDT']) assert.ok(isTimeZone(link), link);
});

test('what is no zone is none', () => {
  for (const name of ['', '/', 'Asia', 'Asia/', 'Asia/Tokio', '+09:00', 'Factory', 'JST', 'America/Argentina']) {
    assert.not(isTimeZone(name), name);
  }
  assert.is(nearestTimeZone('Asia/Tokio'), 'Asia/Tokyo');
  assert.is(nearestTimeZone('utc'), 'UTC');
});

run();
