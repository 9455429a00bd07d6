// A deliverer over a real database, with a grid, people on duty and incidents made as the desk makes them.
import { randomUUID } from 'node:crypto';
import { SYSTEM_ACTOR, type Actor, type Incident, type IncidentCommand, type Severity } from '../../contract/incident.ts';
import type { ScreenNotice } from '../../contract/notice.ts';
import type { Contact, Duty, Unit } from '../../contract/unit.ts';
import { contextWish } from '../../crowd/incident/contextWish.ts';
import { decideIncident } from '../../crowd/incident/decideIncident.ts';
import { settingsShown, loadChannelKinds } from '../../config/kinds.ts';
import { topics } from '../../store/bus/bus.ts';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { openStore } from '../../store/openStore.ts';
import { runDeliver, type Deliver } from '../../worker/deliver.ts';
import { quietLog } from '../server/serverForTest.ts';
import { freshDatabase } from '../support/postgres.ts';

export const ORIGIN = { lng: 121.47, lat: 31.23 };
const boxOf = (halfDeg: number) => [{ outer: [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => ({ lng: ORIGIN.lng + x! * halfDeg, lat: ORIGIN.lat + y! * halfDeg })), holes: [] }];
const admin: Actor = { memberId: null, name: 'Admin', duty: 'dutyOfficer', unitId: null };
const kinds = await loadChannelKinds();

export async function deliverForTest() {
  const database = await freshDatabase();
  const store = await openStore({ databaseUrl: database.databaseUrl, log: quietLog });
  const bus = inProcessBus();
  const onScreens: ScreenNotice[] = [];
  await bus.subscribe(topics.notices, (bytes) => { onScreens.push(JSON.parse(Buffer.from(bytes).toString())); });
  const delivers: Deliver[] = [];
  return {
    store, bus, onScreens, databaseUrl: database.databaseUrl,
    async deliver(): Promise<Deliver> {
      const one = await runDeliver({ store, bus, log: quietLog, holder: `t${delivers.length}`, settings: { publicAddress: 'https://crowd.example', timeZone: 'Asia/Shanghai', channelNetworks: ['loopback'] } });
      delivers.push(one);
      return one;
    },
    unit: async (level: Unit['level'], code: string, halfDeg: number, parentId: string | null): Promise<Unit> => (await store.addUnit({ level, code, names: { en: `${code} unit`, zh: `${code}单位` }, parentId, shape: boxOf(halfDeg), by: admin })).unit,
    member: (unitId: string, name: string, contacts: Contact[], duty: Duty = 'fieldWorker', language: 'en' | 'zh' = 'zh') => store.addMember(unitId, { name, duty, language, contacts }),
    channel: (kind: string, settings: Record<string, unknown>, over: { perMinuteMost?: number; subscriptions?: { unitId: string | null; severityLeast: Severity; categories: string[] }[]; name?: string } = {}) =>
      store.addChannel({ kind, name: over.name ?? kind, settings, settingsShown: settingsShown(kinds.get(kind)!.settings, settings), perMinuteMost: over.perMinuteMost ?? 6000, subscriptions: over.subscriptions ?? [] }),
    async report(unit: Unit | null, over: { exercise?: boolean; severity?: Severity; category?: string; incidentId?: string } = {}): Promise<Incident> {
      const incidentId = over.incidentId ?? `i-${randomUUID()}`;
      return give(incidentId, {
        type: 'report', category: over.category ?? 'fire', severity: over.severity ?? 'serious', title: 'Smoke at the kiosk', words: 'Seen from the gate', attachments: [], peopleAtRisk: null, alarm: null, exercise: over.exercise ?? false, demo: false,
        place: { point: ORIGIN, siteId: null, zoneId: null, sensorId: null, siteName: 'Square', placeName: 'Kiosk', unitId: unit?.unitId ?? null },
      });
    },
    give,
    async close() {
      await Promise.all(delivers.map((one) => one.close()));
      await bus.close();
      await store.close();
      await database.drop();
    },
  };

  async function give(incidentId: string, command: IncidentCommand, actor: Actor = command.type === 'report' ? { ...admin, name: 'Reporter' } : SYSTEM_ACTOR): Promise<Incident> {
    const before = command.type === 'report' ? null : await store.incident(incidentId);
    const context = await store.incidentContext({ ...contextWish(before, command)!, atMs: Date.now() });
    const taken = await store.takeIncidentInputs([{ inputId: randomUUID(), incidentId, actor, context, command }], decideIncident);
    if ('problem' in taken) throw new Error(`${command.type}: ${taken.problem.code} ${JSON.stringify(taken.problem.values)}`);
    return taken.incidents[0]!;
  }
}
