import type { Answer, Cluster, ClusterFailure, KubernetesObject } from '../../runtime/tenancy/port.ts';

/** The process is gone: nothing after this call is done. */
export class Killed extends Error {}

const failure: ClusterFailure = { kind: 'server-error', call: 'patch', message: 'struck', status: 500 };

/** What happens to a changing call: its number among those, from 0. */
export type Strike = (index: number) => 'none' | 'fail before' | 'fail after' | 'die before' | 'die after';

/**
 * A cluster that waits for no answer where none will come, and long for others.
 *
 * @param isHopeless asked at each call, before it is made, with the object that it changes
 */
export function impatientWhere(
  isHopeless: (changed: KubernetesObject | undefined) => boolean,
  patient: Cluster,
  impatient: Cluster,
): Cluster {
  const by = (changed?: KubernetesObject) => (isHopeless(changed) ? impatient : patient);
  return {
    server: patient.server,
    list: (...given) => by().list(...given),
    read: (...given) => by().read(...given),
    apply: (object, options) => by(options?.dryRun === true ? undefined : object).apply(object, options),
    delete: (...given) => by().delete(...given),
    createEvent: (...given) => by().createEvent(...given),
  };
}

/** A cluster whose changing calls are struck: `die` is a SIGKILL, `fail` an answer that says no. Also counts the calls. */
export function struckCluster(cluster: Cluster, strike: Strike): Cluster & { changingCalls(): number } {
  let index = 0;
  async function changing<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const what = strike(index);
    index += 1;
    if (what === 'die before') throw new Killed();
    if (what === 'fail before') return { ok: false, failure };
    const answer = await call();
    if (what === 'die after') throw new Killed();
    return what === 'fail after' ? { ok: false, failure } : answer;
  }
  return {
    ...cluster,
    apply: (object, options = {}) =>
      options.dryRun === true ? cluster.apply(object, options) : changing(() => cluster.apply(object, options)),
    delete: (place, uid, options = {}) =>
      options.dryRun === true
        ? cluster.delete(place, uid, options)
        : changing(() => cluster.delete(place, uid, options)),
    changingCalls: () => index,
  };
}
