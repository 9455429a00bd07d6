// What the server sends to a screen over the WebSocket /live. Text frames are these messages as JSON; binary frames are readings (reading.ts).
// A screen connects with ?after=SEQ (the last event it has, 0 for none known: then only what comes from now on).
// It hears of what lies in the scope of whoever it shows (server/live/scoped.ts); numbers of events that lie elsewhere are missing, and that is no loss.
import Type from 'typebox';
import { RecordedAlarm, RecordedIncident, type RecordedEvent } from './alarm.ts';
import { LineState } from './flow.ts';
import { ScreenNotice } from './notice.ts';
import { id, instantMs, strictObject } from './schema.ts';
import { SensorStatus } from './sensorStatus.ts';
import { ZoneState } from './zoneState.ts';

/** First message of a connection. `replayed` events follow at once, oldest first, before any new one. */
const Hello = strictObject({
  type: Type.Literal('hello'), serverAtMs: instantMs('server clock'), lastSeq: Type.Integer({ minimum: 0 }), buildId: Type.String(),
  /** More was missed than is sent again: the screen must fetch the overview anew. */
  startOver: Type.Boolean(),
});
/** Events are never dropped, and come in order of seq whichever kind they are: of alarms, and of incidents. */
const EventMessage = strictObject({ type: Type.Literal('event'), ...RecordedAlarm.properties });
const IncidentMessage = strictObject({ type: Type.Literal('incident'), ...RecordedIncident.properties });
/** An incident that this screen saw has gone where its person does not see: to be forgotten. Nothing of it is told. */
const IncidentGone = strictObject({ type: Type.Literal('incidentGone'), seq: Type.Integer({ minimum: 1 }), incidentId: id('incident') });
export function eventMessage(recorded: RecordedEvent): LiveMessage {
  return recorded.event.type === 'alarmChanged' ? { type: 'event', seq: recorded.seq, event: recorded.event } : { type: 'incident', seq: recorded.seq, event: recorded.event };
}
/** Newest wins. judgedAtMs is the decider's last tick: 3 s without a younger one means that alarms of this site are not being judged. */
const Zones = strictObject({ type: Type.Literal('zones'), siteId: id('site'), judgedAtMs: instantMs('judged at'), serverAtMs: instantMs('server clock'), states: Type.Array(ZoneState), lines: Type.Array(LineState) });
/** Newest of each sensor wins. */
const Sensors = strictObject({ type: Type.Literal('sensors'), serverAtMs: instantMs('server clock'), statuses: Type.Array(SensorStatus) });
/** A site was added, changed or removed: fetch the overview. */
const SiteChanged = strictObject({ type: Type.Literal('siteChanged'), siteId: id('site'), version: Type.Integer({ minimum: 0 }) });
/** Units, people or playbooks changed: what was fetched of them is fetched anew. */
const UnitsChanged = strictObject({ type: Type.Literal('unitsChanged'), version: Type.Integer({ minimum: 0 }) });
/** Some approval changed; it says not which: whoever may see it fetches the list anew. */
const ApprovalsChanged = strictObject({ type: Type.Literal('approvalsChanged') });
/** Somebody is told of something by the in-app channel. A screen that connects hears those of the last minute again, by the same noticeId. */
const NoticeMessage = strictObject({ type: Type.Literal('notice'), notice: ScreenNotice });
/** The server itself is in trouble (database or bus down) or is well again (empty list). */
const Health = strictObject({ type: Type.Literal('health'), problems: Type.Array(Type.String()) });
/** Sent every second, so that a screen knows the line is alive and how far the clocks differ. */
const Beat = strictObject({ type: Type.Literal('beat'), serverAtMs: instantMs('server clock'), readingsDropped: Type.Integer({ minimum: 0 }) });

export const LiveMessage = Type.Union([Hello, EventMessage, IncidentMessage, IncidentGone, UnitsChanged, Zones, Sensors, SiteChanged, ApprovalsChanged, NoticeMessage, Health, Beat]);
export type LiveMessage = Type.Static<typeof LiveMessage>;

/** Why the server ends the line: nobody is signed in any more; or what may be seen is another now, and the page begins anew. */
export const LIVE_SIGNED_OUT = 4401, LIVE_SCOPE_CHANGED = 4403;

/** No younger tick than this: every screen says that alarms are not being judged. */
export const NOT_JUDGED_AFTER_MS = 3000;
