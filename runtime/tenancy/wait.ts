import { isOurs, type Tenancy } from './desired.ts';
import { kindOf, placeOf, placeText } from './kinds.ts';
import { liveObjects } from './plan.ts';
import type { ClusterFailure, ObjectPlace } from './port.ts';
import { readinessOf } from './readiness.ts';
import type { TenancyWorld } from './world.ts';

/** Milliseconds between two looks. */
const interval = 500;

/** An operator that refuses may only be starting: it has to say so this often in a row. */
const refusals = 3;

export type Waited =
  | { readonly ok: true }
  | { readonly ok: false; readonly place: ObjectPlace; readonly reason: string; readonly seconds: number }
  | { readonly ok: false; readonly failure: ClusterFailure };

/** Waits until all objects of a tenancy are ready, with one list for each kind at each look. */
export async function waitUntilReady(tenancy: Tenancy, milliseconds: number, world: TenancyWorld): Promise<Waited> {
  const started = world.now();
  let refused = 0;
  for (;;) {
    const listed = await liveObjects(tenancy, world.cluster);
    if (!listed.ok) return listed;
    const live = new Map(listed.value.map(({ place, object }) => [placeText(place), object]));
    let waitsFor: { readonly place: ObjectPlace; readonly reason: string } | undefined;
    let isRefused = false;
    for (const wanted of tenancy.objects) {
      const kind = kindOf(wanted);
      if (kind === undefined) continue;
      const place = placeOf(wanted, kind);
      const object = live.get(placeText(place));
      if (object === undefined || !isOurs(object, tenancy.policy)) {
        waitsFor ??= { place, reason: 'somebody deleted it' };
        continue;
      }
      const { ready, refused: no, reason } = readinessOf(object);
      if (ready) continue;
      // A refusal says more than an object that nobody has looked at yet.
      if (no && !isRefused) waitsFor = { place, reason };
      isRefused ||= no;
      waitsFor ??= { place, reason };
    }
    if (waitsFor === undefined) return { ok: true };
    refused = isRefused ? refused + 1 : 0;
    const passed = world.now() - started;
    if (passed >= milliseconds || refused >= refusals) {
      return { ok: false, ...waitsFor, seconds: Math.round(passed / 1000) };
    }
    await world.pause(Math.min(interval, milliseconds - passed));
  }
}
