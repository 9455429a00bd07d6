// Messages as whoever delivers makes them, for the tests of channels.
import type { IncidentLine } from '../../contract/incident.ts';
import type { IncidentFacts, OutgoingMessage } from '../../contract/notice.ts';

export const lineForTest = (over: Partial<IncidentLine> = {}): IncidentLine => ({
  incidentId: 'i1', version: 3, exercise: true, demo: false, category: 'crowding', severity: 'critical', title: 'Crush at the "east" gate <1> & 2', step: 'dispatched', placeName: 'East gate', siteName: 'Square', siteId: 's1', zoneId: 'z1',
  point: { lng: 121.47, lat: 31.23 }, unitId: 'u1', unitLevel: 'grid', placeUnitId: 'u1', reportedAtMs: Date.UTC(2026, 10, 22, 6, 3, 22), changedAtMs: Date.UTC(2026, 10, 22, 6, 4, 0), alarmIds: [], alarmLevel: 'critical', due: null, overdueSinceMs: null,
  people: [], exhausted: false, urgedCount: 0, ...over,
});

export const factsForTest = (over: Partial<IncidentFacts> = {}): IncidentFacts => ({
  exercise: true, what: 'reported', version: 1, atMs: Date.UTC(2026, 10, 22, 6, 3, 22), line: lineForTest(), areaNames: { en: 'East gate, Square, Grid 7', zh: '第七网格 广场 东门' }, unitCode: 'G-7',
  polygon: [{ lng: 121.47, lat: 31.23 }, { lng: 121.471, lat: 31.23 }, { lng: 121.471, lat: 31.231 }, { lng: 121.47, lat: 31.231 }], earlier: [], over: false, ...over,
});

export function messageForTest(over: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const words = { en: { title: 'EXERCISE · Please go: East gate, Square (crowding, critical)', body: 'EXERCISE: this is a drill.\nCrush at the "east" gate <1> & 2' }, zh: { title: '【演练】请前往:广场 东门(拥挤,特别严重)', body: '演练:这不是真实事件。\n东门 "拥挤" <1> & 2 😀' } };
  return {
    messageId: 'i1.3.asked.m1', kind: 'asked', exercise: true, language: 'zh', atMs: Date.UTC(2026, 10, 22, 6, 4, 0), ...words.zh, words, path: '/#/duty/i1', address: null, incidentId: 'i1', memberId: null, incident: factsForTest(), action: null, ...over,
  };
}
