// A camera's picture for whoever may look at it. Every view of a camera, live or recorded, asks viewOf() here which picture that is: masked, unless masks were lifted for this person.
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { decodePicture, masksVersionOf, type PictureBytes } from '../contract/picture.ts';
import { Problem } from '../contract/problem.ts';
import type { MaskPolygons } from '../contract/site.ts';
import { topics, type Bus } from '../store/bus/bus.ts';
import type { Store } from '../store/store.ts';

const PICTURE_WITHIN_MS = 3000, WANTED_MS = 5000, UNMASKED_WANTED_MS = 2000;
/** Nobody needs more looks than this at once; each that waits holds a timer. */
const PICTURES_WAITED_FOR_MOST = 200;

/** Who sees through masks: an account that lifted them for this camera, until it is over. Anybody else, and everybody's recordings and exports, get the masked picture. */
export async function viewOf(store: Store, request: FastifyRequest, sensorId: string): Promise<{ masked: true } | { masked: false; untilMs: number }> {
  const { principal } = request;
  const lift = principal === null ? null : await store.forProduct(() => store.maskLiftInForce({ accountId: principal.accountId, sessionId: principal.sessionId ?? principal.tokenId, sensorId, nowMs: Date.now() }));
  return lift === null ? { masked: true } : { masked: false, untilMs: lift.untilMs };
}

export function pictureWaiter({ store, bus }: { store: Store; bus: Bus }) {
  let waiting = 0;
  /** The newest picture, or the next one when it comes soon. A picture with other masks than those in force now is none: it was made before they were changed. */
  return async function newestPicture(sensorId: string, { unmasked, isGone }: { unmasked: boolean; isGone(): boolean }): Promise<PictureBytes> {
    // Only a sensor that is there gets a name on the bus.
    const source = await store.sensorSource(sensorId);
    if (source === null) throw new Problem('notFound');
    const version = masksVersionOf(source.sensor), key = unmasked ? topics.unmaskedPicture(sensorId) : topics.picture(sensorId);
    const newest = async () => { const bytes = await bus.getLatest(key), picture = bytes === null ? null : decodePicture(bytes); return picture !== null && picture.masksVersion === version ? picture : null; };
    await bus.putLatest(unmasked ? topics.unmaskedWanted(sensorId) : topics.pictureWanted(sensorId), Buffer.from('1'), unmasked ? UNMASKED_WANTED_MS : WANTED_MS);
    let picture = await newest();
    if (picture === null) {
      if (waiting >= PICTURES_WAITED_FOR_MOST) throw new Problem('tooMany', { most: PICTURES_WAITED_FOR_MOST });
      waiting++;
      try {
        for (const untilMs = performance.now() + PICTURE_WITHIN_MS; picture === null && performance.now() < untilMs && !isGone();) { await pause(100); picture = await newest(); }
      } finally { waiting--; }
    }
    if (picture === null) throw new Problem('notFound', {}, 'no picture of this camera yet');
    return picture;
  };
}

/** Masks of the cameras at the machine that is tried: whoever tries its address must not see what they cover. Of a recorder with many cameras all of theirs, rather than too few. */
export async function masksAt(store: Store, addressShown: string): Promise<MaskPolygons> {
  const machine = machineOf(addressShown), sites = await store.forProduct(() => store.sites());
  return sites.flatMap(({ sensors }) => sensors.flatMap((sensor) => (machineOf(sensor.addressShown) === machine ? sensor.masks?.polygons ?? [] : [])));
}
function machineOf(addressShown: string): string {
  try { const { hostname, protocol } = new URL(addressShown); return hostname !== '' && protocol !== 'file:' ? hostname : addressShown; } catch { return addressShown; }
}
