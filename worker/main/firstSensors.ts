// --video and --camera: each becomes a sensor of the site "My site", once, however often the system starts.
import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Problem } from '../../contract/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { SensorKind } from '../../config/kinds.ts';
import type { Store } from '../../store/store.ts';

export const MY_SITE = { siteId: 'my-site', name: 'My site' };
/** No place on Earth is known yet: the site begins as a plain square of metres, and is moved and cut in the page. */
const FIRST_SITE = { origin: { lng: 0, lat: 0 }, grid: { cellM: 1 as const, columns: 120, rows: 120 } };

/** Checked before anything is started: a wrong address or a missing file ends the start at once. */
export function firstSensors({ settings, sensorKinds, startedIn }: { settings: Settings; sensorKinds: Map<string, SensorKind>; startedIn: string }): FirstSensor[] {
  return [...settings.videos.map((path) => videoAt(resolve(startedIn, path))), ...settings.cameras.map((address) => cameraAt(address))].map((one) => {
    const kind = sensorKinds.get(one.kind);
    if (kind === undefined) throw new Problem('addressNotUnderstood', { reason: `there is no kind of sensor for ${one.kind}` });
    kind.source(one.settings); // refuses what it cannot open
    return { ...one, addressShown: kind.addressShown(one.settings) };
  });
}

/** Names of what was added now. */
export async function addFirstSensors(wanted: FirstSensor[], { store, tell }: { store: Store; tell: (siteId: string, version: number) => void }): Promise<string[]> {
  if (wanted.length === 0) return [];
  const { site } = await store.addSite({ ...MY_SITE, ...FIRST_SITE, demo: false });
  const there = (await store.sensorSources()).filter(({ sensor }) => sensor.siteId === site.siteId);
  const added: string[] = [];
  for (const { kind, settings, name, addressShown, same } of wanted) {
    if (there.some((one) => one.sensor.kind === kind && same(one.settings, one.sensor.addressShown, addressShown))) continue;
    const { config } = await store.addSensor(site.siteId, { sensorId: `${kind}-${randomUUID().slice(0, 13)}`, name, kind, settings, addressShown });
    tell(site.siteId, config.version);
    added.push(name);
  }
  return added;
}

export type FirstSensor = Wanted & { addressShown: string };
type Wanted = { kind: string; settings: Record<string, unknown>; name: string; same(settings: Record<string, unknown>, shownThere: string, shownHere: string): boolean };

function videoAt(path: string): Wanted {
  if (!existsSync(path) || !statSync(path).isFile()) throw new Problem('fileMissing', { name: path });
  return { kind: 'file', settings: { path }, name: basename(path).slice(0, 80), same: (settings) => resolve(String(settings['path'])) === path };
}

/** The same address with another password is the same camera: the password may have been changed in the page since. */
function cameraAt(address: string): Wanted {
  const scheme = /^\s*(rtsps?):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) throw new Problem('addressNotUnderstood', { reason: 'it does not begin with rtsp:// or rtsps://' });
  const host = /^[^/]*\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^/:?#]+)/.exec(address.trim())?.[1] ?? 'camera';
  return { kind: scheme, settings: { url: address.trim() }, name: host.slice(0, 80), same: (settings, shownThere, shownHere) => shownThere === shownHere && queryOf(String(settings['url'])) === queryOf(address) };
}
/** Cameras tell their channels apart by the query, which is not shown. */
const queryOf = (address: string) => /\?.*$/.exec(address.trim())?.[0] ?? '';
