// One request for each route, for the matrix of access. What is let through must do as little as possible: most bodies are such that the handler refuses them for another reason than access.
import type { Right } from '../../contract/access.ts';
import { zoneBody } from './serverForTest.ts';
import { HERE, playbookBody, squareShape, type Ids, type World } from './accessWorld.ts';

export type Example = {
  path: (ids: Ids) => string;
  body?: (ids: Ids, world: World) => unknown;
  headers?: Record<string, string>;
  /** Made anew for each request that is let through: what it removes. */
  fresh?: (world: World) => Promise<Partial<Ids>>;
  /** It ends or changes whoever sends it: somebody new each time. */
  spendsWho?: true;
  /** Refused to tokens by the handler, whatever their rights. */
  notForTokens?: true;
  /** The handler judges by these, as the gate does by `at`: the right there, or it answers as if there were nothing. */
  judged?: { right: Right; sees?: false };
  /** The handler judges in ways of its own: here only that nothing of the place leaks to who does not see it, and that nothing breaks. */
  own?: string;
  /** Whoever is first takes the step; for the next there is nothing left. */
  spendsIt?: true;
  /** Over a WebSocket. */
  socket?: true;
};
const command = (type: string, more: object = {}) => (_ids: Ids) => ({ commandId: `matrix-${type}-${Math.random().toString(36).slice(2)}`, command: { type, ...more } });
const commandId = () => `matrix-${Math.random().toString(36).slice(2)}`;
const unitBody = (ids: Ids) => ({ level: 'community', code: `B${Math.random().toString(36).slice(2, 10)}`, names: { en: 'Below', zh: 'Below' }, parentId: ids.unit, shape: squareShape(0, 0, 0.00001) });
const siteBody = { name: 'Other', origin: HERE, grid: { cellM: 1, columns: 501, rows: 501 } };
const farZone = zoneBody({ polygon: [{ xM: 900, yM: 900 }, { xM: 920, yM: 900 }, { xM: 920, yM: 920 }] });
const shortLine = { name: 'Line', a: { xM: 5, yM: 5 }, b: { xM: 5.01, yM: 5 }, surface: 'level' };
const strange = [{ channelId: 'no-such-channel', address: 'x' }];
const spanQuery = 'west=121&south=31&east=122&north=32';
const OWN = 'one\'s own account alone', APPROVALS = 'asked by oneself, or answered where one may';

export const EXAMPLES: Record<string, Example> = {
  // --- the installation
  'GET /health': { path: () => '/health' },
  'GET /metrics': { path: () => '/metrics' },
  'GET /api/kinds': { path: () => '/api/kinds' },
  'GET /api/model': { path: () => '/api/model' },
  'GET /*': { path: () => '/' },
  'GET /basemap/:name': { path: () => '/basemap/marked.pmtiles' },
  'GET /live': { path: () => '/live', socket: true },
  'GET /api/overview': { path: () => '/api/overview' },
  'GET /trust': { path: () => '/trust', own: 'the same for all' }, 'GET /trust/:file': { path: () => '/trust/ca.crt', own: 'the same for all' },

  // --- whoever is signed in
  'POST /api/session': { path: () => '/api/session', body: () => ({ signInName: 'nobody-of-this-name', password: 'not the password' }), own: 'the door' },
  'DELETE /api/session': { path: () => '/api/session', spendsWho: true, notForTokens: true },
  'GET /api/me': { path: () => '/api/me' },
  'POST /api/me/here': { path: () => '/api/me/here' },
  'PUT /api/me': { path: () => '/api/me', body: () => ({ language: 'en' }), spendsWho: true },
  'POST /api/me/password': { path: () => '/api/me/password', body: () => ({ now: 'x', next: 'y' }), spendsWho: true, own: OWN },
  'GET /api/me/sessions': { path: () => '/api/me/sessions' },
  'DELETE /api/me/sessions': { path: () => '/api/me/sessions', spendsWho: true },
  'DELETE /api/me/sessions/:sessionId': { path: (ids) => `/api/me/sessions/${ids.session}`, own: OWN },
  'GET /api/me/tokens': { path: () => '/api/me/tokens' },
  'POST /api/me/tokens': { path: () => '/api/me/tokens', body: () => ({ name: 'T', rights: ['system'], unitId: null, days: 1 }), own: OWN },
  'DELETE /api/me/tokens/:tokenId': { path: (ids) => `/api/me/tokens/${ids.token}`, own: OWN },
  'POST /api/join/look': { path: () => '/api/join/look', body: () => ({ secret: 'not-a-link-that-was-ever-made' }), own: 'the door' },
  'POST /api/join': { path: () => '/api/join', body: () => ({ secret: 'not-a-link-that-was-ever-made', password: 'a long enough password' }), own: 'the door' },

  'POST /api/session/factor/passkey': { path: () => '/api/session/factor/passkey', own: 'the door' },
  'POST /api/session/factor': { path: () => '/api/session/factor', body: () => ({ code: '000000' }), own: 'the door' },
  'GET /api/session/ways': { path: () => '/api/session/ways' },
  'POST /api/session/passkey/begin': { path: () => '/api/session/passkey/begin', own: 'the door' },
  'POST /api/session/passkey': { path: () => '/api/session/passkey', body: () => ({ response: {} }), own: 'the door' },
  'POST /api/session/elsewhere/begin': { path: () => '/api/session/elsewhere/begin', body: () => ({ language: 'en' }), own: 'the door' },
  'POST /api/session/elsewhere': { path: () => '/api/session/elsewhere', body: () => ({ query: 'code=x' }), own: 'the door' },
  'GET /api/session/elsewhere/leave': { path: () => '/api/session/elsewhere/leave' },
  'GET /api/me/confirm': { path: () => '/api/me/confirm', own: OWN },
  'POST /api/me/confirm/passkey': { path: () => '/api/me/confirm/passkey', own: OWN },
  'POST /api/me/confirm': { path: () => '/api/me/confirm', body: () => ({ code: '000000' }), own: OWN, spendsWho: true },
  'GET /api/me/factors': { path: () => '/api/me/factors', own: OWN },
  'POST /api/me/factors/totp/begin': { path: () => '/api/me/factors/totp/begin', own: OWN, spendsWho: true },
  'POST /api/me/factors/totp': { path: () => '/api/me/factors/totp', body: () => ({ name: 'T', code: '000000' }), own: OWN, spendsWho: true },
  'POST /api/me/factors/passkey/begin': { path: () => '/api/me/factors/passkey/begin', own: OWN },
  'POST /api/me/factors/passkey': { path: () => '/api/me/factors/passkey', body: () => ({ name: 'T', response: {} }), own: OWN },
  'POST /api/me/factors/recovery': { path: () => '/api/me/factors/recovery', own: OWN, spendsWho: true },
  'DELETE /api/me/factors/:factorId': { path: (ids) => `/api/me/factors/${ids.token}`, own: OWN },

  // --- the second person, and the audit
  'GET /api/approvals': { path: () => '/api/approvals', notForTokens: true },
  'GET /api/approvals/:approvalId': { path: (ids) => `/api/approvals/${ids.approval}`, own: APPROVALS },
  'POST /api/approvals': { path: () => '/api/approvals', body: (ids) => ({ what: 'widenScope', placeKind: 'site', placeId: ids.site, forWhat: { en: 'x', zh: 'x' }, reason: 'a trial' }), own: APPROVALS },
  'POST /api/approvals/:approvalId/ask': { path: (ids) => `/api/approvals/${ids.approval}/ask`, body: () => ({ reason: 'a trial' }), own: APPROVALS },
  'POST /api/approvals/:approvalId/withdraw': { path: (ids) => `/api/approvals/${ids.approval}/withdraw`, own: APPROVALS },
  'POST /api/approvals/:approvalId/give': { path: (ids) => `/api/approvals/${ids.approval}/give`, body: () => ({ answer: '' }), own: APPROVALS },
  'POST /api/approvals/:approvalId/refuse': { path: (ids) => `/api/approvals/${ids.approval}/refuse`, body: () => ({ answer: '' }), own: APPROVALS },
  'POST /api/approvals/:approvalId/review': { path: (ids) => `/api/approvals/${ids.approval}/review`, body: () => ({ answer: 'well', wasRight: true }), own: APPROVALS },
  'GET /api/audit': { path: (ids) => `/api/audit?unitId=${ids.unit}` },
  'GET /api/audit/own': { path: () => '/api/audit/own' },
  'GET /api/audit/state': { path: () => '/api/audit/state' },
  'GET /api/audit/export': { path: (ids) => `/api/audit/export?unitId=${ids.unit}` },

  // --- accounts of others
  'GET /api/accounts': { path: () => '/api/accounts' },
  'POST /api/accounts': { path: () => '/api/accounts', body: (ids) => ({ signInName: 'holder', name: 'Twice', language: 'en', roles: [{ role: 'viewer', unitId: ids.unit }], memberId: null }), judged: { right: 'accounts', sees: false } },
  'PUT /api/accounts/:accountId': { path: (ids) => `/api/accounts/${ids.account}`, body: () => ({ language: 'en' }), judged: { right: 'accounts', sees: false } },
  'DELETE /api/accounts/:accountId/factors': { path: (ids) => `/api/accounts/${ids.account}/factors`, notForTokens: true, judged: { right: 'accounts', sees: false } },
  'DELETE /api/accounts/:accountId': { path: (ids) => `/api/accounts/${ids.account}`, fresh: async ({ makes }) => ({ account: await makes.account() }), judged: { right: 'accounts', sees: false } },
  'POST /api/accounts/:accountId/link': { path: (ids) => `/api/accounts/${ids.account}/link`, judged: { right: 'accounts', sees: false } },
  'GET /api/accounts/:accountId/sessions': { path: (ids) => `/api/accounts/${ids.account}/sessions`, judged: { right: 'accounts', sees: false } },
  'DELETE /api/accounts/:accountId/sessions': { path: (ids) => `/api/accounts/${ids.account}/sessions`, fresh: async ({ makes }) => ({ account: await makes.account() }), judged: { right: 'accounts', sees: false } },
  'DELETE /api/accounts/:accountId/sessions/:sessionId': { path: (ids) => `/api/accounts/${ids.account}/sessions/${ids.session}`, own: 'who sees the account may be told that there is no such session' },

  // --- places shown to others
  'GET /api/grants': { path: (ids) => `/api/grants?siteId=${ids.site}&over=true` },
  'GET /api/grants/units': { path: () => '/api/grants/units?text=Neigh' },
  'POST /api/grants': { path: () => '/api/grants', body: (ids, { units }) => ({ siteId: ids.site, toUnitId: units.sibling, rights: ['see'], untilMs: Date.now() + 40 * 24 * 3600_000, reason: 'too long' }) },
  'DELETE /api/grants/:grantId': { path: (ids) => `/api/grants/${ids.grant}`, fresh: async ({ makes }) => ({ grant: await makes.grant(await makes.site()) }) },

  // --- sites
  'POST /api/sites': { path: () => '/api/sites', body: () => siteBody },
  'PUT /api/sites/:siteId': { path: (ids) => `/api/sites/${ids.site}`, body: () => siteBody },
  'DELETE /api/sites/:siteId': { path: (ids) => `/api/sites/${ids.site}`, fresh: async ({ makes }) => ({ site: await makes.site() }) },
  'POST /api/sites/:siteId/zones': { path: (ids) => `/api/sites/${ids.site}/zones`, body: () => farZone },
  'PUT /api/zones/:zoneId': { path: (ids) => `/api/zones/${ids.zone}`, body: () => farZone },
  'DELETE /api/zones/:zoneId': { path: (ids) => `/api/zones/${ids.zone}`, fresh: async ({ makes, ids }) => ({ zone: await makes.zone(ids.site) }) },
  'GET /api/zones/:zoneId/past': { path: (ids) => `/api/zones/${ids.zone}/past` },
  'POST /api/sites/:siteId/lines': { path: (ids) => `/api/sites/${ids.site}/lines`, body: () => shortLine },
  'PUT /api/lines/:lineId': { path: (ids) => `/api/lines/${ids.line}`, body: () => shortLine },
  'DELETE /api/lines/:lineId': { path: (ids) => `/api/lines/${ids.line}`, fresh: async ({ makes, ids }) => ({ line: await makes.line(ids.site) }) },
  'POST /api/sites/:siteId/sensors': { path: (ids) => `/api/sites/${ids.site}/sensors`, body: () => ({ name: 'Camera', kind: 'noSuchKind', settings: {} }) },
  'PUT /api/sensors/:sensorId': { path: (ids) => `/api/sensors/${ids.sensor}`, body: () => ({ name: 'Marked camera' }) },
  'PUT /api/sensors/:sensorId/calibration': { path: (ids) => `/api/sensors/${ids.sensor}/calibration`, body: () => ({ position: { xM: 30, yM: 0 }, heightM: 10, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 1.8, rangeMostM: null, points: Array.from({ length: 4 }, () => ({ picture: { xShare: 0.5, yShare: 0.5 }, ground: { xM: 1, yM: 1 } })) }) },
  'POST /api/sensors/:sensorId/view': { path: (ids) => `/api/sensors/${ids.sensor}/view` },
  'DELETE /api/sensors/:sensorId': { path: (ids) => `/api/sensors/${ids.sensor}`, fresh: async ({ makes, ids }) => ({ sensor: await makes.sensor(ids.site) }) },
  'POST /api/sensors/test': { path: () => '/api/sensors/test', body: () => ({ kind: 'noSuchKind', settings: {} }) },
  'GET /api/sensors/:sensorId/picture': { path: (ids) => `/api/sensors/${ids.sensor}/picture` },

  // --- privacy
  'PUT /api/sensors/:sensorId/masks': { path: (ids) => `/api/sensors/${ids.sensor}/masks`, body: () => ({ polygons: [] }) },
  'POST /api/sensors/:sensorId/maskLift': { path: (ids) => `/api/sensors/${ids.sensor}/maskLift`, body: () => ({ reason: 'a child is lost', minutes: 1 }) },
  'GET /api/sensors/:sensorId/maskLift': { path: (ids) => `/api/sensors/${ids.sensor}/maskLift` },
  'DELETE /api/sensors/:sensorId/maskLift': { path: (ids) => `/api/sensors/${ids.sensor}/maskLift` },
  'POST /api/sensors/:sensorId/still': { path: (ids) => `/api/sensors/${ids.sensor}/still`, body: () => ({ reason: 'a child is lost', blurred: false }) },
  'GET /api/privacy/retention': { path: (ids) => `/api/privacy/retention?unitId=${ids.unit}` },
  'PUT /api/privacy/retention': { path: () => '/api/privacy/retention', body: (ids) => ({ unitId: ids.unit, preset: null, hours: {} }) },
  'GET /api/privacy/holds': { path: () => '/api/privacy/holds' },
  'POST /api/privacy/holds': { path: () => '/api/privacy/holds', body: (ids) => ({ placeKind: 'site', placeId: ids.site, fromMs: 2, toMs: 1, untilMs: 1, reason: 'a trial' }), own: 'the place is of a kind that the body says' },
  'DELETE /api/privacy/holds/:holdId': { path: (ids) => `/api/privacy/holds/${ids.hold}`, own: 'a hold lies where its place does' },
  'GET /api/privacy/purges': { path: () => '/api/privacy/purges' },
  'POST /api/privacy/purges/dry': { path: () => '/api/privacy/purges/dry' },
  'GET /api/privacy/assessment': { path: (ids) => `/api/privacy/assessment?unitId=${ids.unit}` },

  // --- alarms
  'GET /api/alarms': { path: () => '/api/alarms' },
  'POST /api/alarms/:alarmId/acknowledge': { path: (ids) => `/api/alarms/${ids.alarm}/acknowledge`, body: () => ({ commandId: commandId() }) },
  'POST /api/alarms/:alarmId/shelve': { path: (ids) => `/api/alarms/${ids.alarm}/shelve`, body: () => ({ commandId: commandId(), forS: 60, words: 'works' }) },
  'POST /api/alarms/:alarmId/unshelve': { path: (ids) => `/api/alarms/${ids.alarm}/unshelve`, body: () => ({ commandId: commandId() }) },
  'POST /api/alarms/:alarmId/endExercise': { path: (ids) => `/api/alarms/${ids.alarm}/endExercise`, body: () => ({ commandId: 'marked-end' }), spendsIt: true },
  'POST /api/sites/:siteId/exercise': { path: (ids) => `/api/sites/${ids.site}/exercise`, body: (ids) => ({ commandId: commandId(), zoneId: ids.zone, level: 'warning', forS: 600, words: 'drill' }) },
  'GET /api/silences': { path: () => '/api/silences' },
  'POST /api/silences': { path: () => '/api/silences', body: (ids) => ({ siteId: ids.site, zoneIds: [], rules: [], fromMs: 1, untilMs: 2, words: 'works' }) },
  'DELETE /api/silences/:silenceId': { path: (ids) => `/api/silences/${ids.silence}`, fresh: async ({ makes, ids }) => ({ silence: await makes.silence(ids.site) }) },
  'GET /api/alarms/load': { path: (ids) => `/api/alarms/load?siteId=${ids.site}` },
  'POST /api/alarms/whatIf': { path: () => '/api/alarms/whatIf', body: (ids) => ({ zoneId: ids.zone, sinceMs: Date.now() - 3600_000, untilMs: Date.now() }) },

  // --- units and people
  'GET /api/units': { path: () => '/api/units' },
  'GET /api/units/at': { path: () => `/api/units/at?lng=${HERE.lng}&lat=${HERE.lat}` },
  'GET /api/units/of': { path: (ids) => `/api/units/of?siteId=${ids.site}` },
  'GET /api/units/changes': { path: () => '/api/units/changes' },
  'GET /api/units/shapes': { path: () => `/api/units/shapes?${spanQuery}` },
  'GET /api/units/:unitId/shape': { path: (ids) => `/api/units/${ids.unit}/shape` },
  'POST /api/units': { path: () => '/api/units', body: unitBody },
  'POST /api/units/check': { path: () => '/api/units/check', body: unitBody },
  'PUT /api/units/:unitId': { path: (ids) => `/api/units/${ids.below}`, body: (ids) => ({ ...unitBody(ids), seenVersion: 999 }) },
  'DELETE /api/units/:unitId': { path: (ids) => `/api/units/${ids.below}`, fresh: async ({ makes }) => ({ below: await makes.below() }) },
  'POST /api/units/import': { path: () => '/api/units/import', body: () => ({ type: 'FeatureCollection', features: [] }) },
  'GET /api/units/:unitId/people': { path: (ids) => `/api/units/${ids.unit}/people` },
  'POST /api/units/:unitId/members': { path: (ids) => `/api/units/${ids.unit}/members`, body: () => ({ name: 'Somebody', duty: 'operator', language: 'en', contacts: strange }) },
  'PUT /api/members/:memberId': { path: (ids) => `/api/members/${ids.member}`, body: () => ({ name: 'Marked Member', duty: 'fieldWorker', language: 'en', contacts: strange }) },
  'DELETE /api/members/:memberId': { path: (ids) => `/api/members/${ids.member}`, fresh: async ({ makes }) => ({ member: await makes.member() }) },
  'POST /api/members/:memberId/test': { path: (ids) => `/api/members/${ids.member}/test` },
  'POST /api/members/:memberId/push': { path: (ids) => `/api/members/${ids.member}/push`, body: () => ({ endpoint: 'nowhere', keys: { p256dh: 'x', auth: 'y' } }) },
  'POST /api/units/:unitId/shifts': { path: (ids) => `/api/units/${ids.unit}/shifts`, body: (ids) => ({ memberId: ids.member, weekdays: [1], startMinute: 0, endMinute: 60, order: 1 }) },
  'PUT /api/shifts/:shiftId': { path: (ids) => `/api/shifts/${ids.shift}`, body: (ids) => ({ memberId: ids.member, weekdays: [1, 2, 3, 4, 5, 6, 7], startMinute: 0, endMinute: 0, order: 1 }) },
  'DELETE /api/shifts/:shiftId': { path: (ids) => `/api/shifts/${ids.shift}`, fresh: async ({ makes, ids }) => ({ shift: await makes.shift(ids.member) }) },
  'GET /api/units/:unitId/policy': { path: (ids) => `/api/units/${ids.unit}/policy` },
  'PUT /api/units/:unitId/policy': { path: (ids) => `/api/units/${ids.unit}/policy`, body: () => ({ ownCategories: [], deadlines: {} }) },
  'GET /api/categories': { path: (ids) => `/api/categories?unitId=${ids.unit}` },
  'GET /api/sites/:siteId/playbooks': { path: (ids) => `/api/sites/${ids.site}/playbooks` },
  'POST /api/sites/:siteId/playbooks': { path: (ids) => `/api/sites/${ids.site}/playbooks`, body: () => playbookBody('crowding', 'serious') },
  'PUT /api/playbooks/:playbookId': { path: (ids) => `/api/playbooks/${ids.playbook}`, body: () => playbookBody('crowding', 'serious') },
  'DELETE /api/playbooks/:playbookId': { path: (ids) => `/api/playbooks/${ids.playbook}`, fresh: async ({ makes }) => ({ playbook: await makes.playbook(await makes.site()) }) },

  // --- incidents
  'GET /api/incidents': { path: (ids) => `/api/incidents?unitId=${ids.unit}&siteId=${ids.site}&memberId=${ids.member}` },
  'GET /api/incidents/board': { path: (ids) => `/api/incidents/board?unitId=${ids.unit}` },
  'GET /api/incidents/statistics': { path: (ids) => `/api/incidents/statistics?unitId=${ids.unit}` },
  'GET /api/incidents/:incidentId': { path: (ids) => `/api/incidents/${ids.incident}` },
  'GET /api/incidents/:incidentId/events': { path: (ids) => `/api/incidents/${ids.incident}/events` },
  'POST /api/incidents': { path: () => '/api/incidents', body: (ids) => ({ commandId: commandId(), category: 'noSuchCategory', severity: 'minor', zoneId: ids.zone }) },
  'POST /api/incidents/:incidentId/commands': { path: (ids) => `/api/incidents/${ids.incident}/commands`, body: command('giveBack', { words: 'back' }) },
  'POST /api/units/:unitId/handover': { path: (ids) => `/api/units/${ids.unit}/handover`, body: () => ({ commandId: 'marked', toName: 'Next', summary: 'Marked summary' }) },
  'GET /api/units/:unitId/handovers': { path: (ids) => `/api/units/${ids.unit}/handovers` },
  'POST /api/attachments': { path: () => '/api/attachments', headers: { 'content-type': 'application/x-nothing' }, body: () => 'words' },
  'GET /api/attachments/:sha256': { path: (ids) => `/api/attachments/${ids.attachment}?incidentId=${ids.incident}` },

  // --- channels
  'GET /api/channels': { path: () => '/api/channels' },
  'POST /api/channels': { path: () => '/api/channels', body: () => ({ kind: 'noSuchKind', name: 'Other', settings: {} }) },
  'PUT /api/channels/:channelId': { path: (ids) => `/api/channels/${ids.channel}`, body: () => ({ name: 'Gateway' }) },
  'DELETE /api/channels/:channelId': { path: (ids) => `/api/channels/${ids.channel}`, fresh: async ({ makes }) => ({ channel: await makes.channel() }) },
  'POST /api/channels/:channelId/test': { path: (ids) => `/api/channels/${ids.channel}/test`, body: () => ({ address: null, language: 'en' }) },
  'GET /api/notices/dead': { path: () => '/api/notices/dead' },
  'POST /api/notices/:noticeId/again': { path: (ids) => `/api/notices/${ids.notice}/again`, fresh: async ({ makes, ids }) => ({ notice: await makes.notice(ids.incident) }) },
  'GET /api/push/key': { path: () => '/api/push/key' },
  'GET /api/cap/:channelId': { path: (ids) => `/api/cap/${ids.feed}`, judged: { right: 'see' } },
  'GET /api/cap/:channelId/:entryId': { path: (ids) => `/api/cap/${ids.feed}/nothing`, own: 'a feed that one sees may have no such entry' },
};
