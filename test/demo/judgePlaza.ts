// Lets the product's own rules judge the demo plaza, reading after reading, with a clock of its own. For the tests of the demo.
import type { AlarmChanged } from '../../contract/alarm.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { loadRuleKinds } from '../../config/kinds.ts';
import { compileSite } from '../../crowd/site.ts';
import { firstState, step } from '../../crowd/step.ts';
import { plazaDemo } from '../../worker/demo/plaza.ts';
import type { Rasters } from './countVideo.ts';

export const PLAZA_CONFIG: SiteConfig = {
  version: 1,
  site: plazaDemo.site,
  zones: plazaDemo.zones.map((zone) => ({ ...zone, siteId: plazaDemo.site.siteId, rules: zone.rules ?? {} })),
  lines: plazaDemo.lines.map((line) => ({ ...line, siteId: plazaDemo.site.siteId, rules: line.rules ?? {} })),
  sensors: [{ sensorId: plazaDemo.camera.sensorId, siteId: plazaDemo.site.siteId, name: plazaDemo.camera.name, kind: 'file', addressShown: 'demo', enabled: true, calibration: { ...plazaDemo.camera.calibration, version: 1 } }],
};

/** The alarms that a loop of readings makes, in the order in which they are told. `atS` counts from the loop's begin. */
export async function judgePlaza(readings: readonly { atS: number; peopleInPicture: number; rasters: Rasters }[], untilS: number): Promise<AlarmChanged[]> {
  const site = compileSite(PLAZA_CONFIG, await loadRuleKinds()), events: AlarmChanged[] = [];
  let state = firstState(PLAZA_CONFIG.site.siteId), next = 0;
  const take = (input: Parameters<typeof step>[1]) => {
    const done = step(state, input, site);
    state = done.state;
    for (const effect of done.effects) if (effect.type === 'alarmChanged') events.push(effect.event);
  };
  for (let tenths = 0; tenths <= untilS * 10; tenths += 5) {
    const atMs = START_AT_MS + tenths * 100;
    for (; next < readings.length && readings[next]!.atS * 10 <= tenths; next++) {
      const { atS, peopleInPicture, rasters } = readings[next]!, capturedAtMs = START_AT_MS + Math.round(atS * 1000);
      take({ type: 'reading', reading: { siteId: PLAZA_CONFIG.site.siteId, sensorId: plazaDemo.camera.sensorId, epoch: 1, seq: next + 1, capturedAtMs, heardAtMs: capturedAtMs, calibrationVersion: 1, modelId: 'test', peopleInPicture, flow: null, fault: null, ...rasters } });
    }
    take({ type: 'tick', atMs });
  }
  return events;
}
export const START_AT_MS = 1_700_000_000_000;
