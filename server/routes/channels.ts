// Channels: set up, tried out, and what they could not send. Secrets come in here and never go out.
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { ChannelBody, ChannelChange, Channels, DeadNotices, TestAnswer, TestBody } from '../../contract/apiIncidents.ts';
import { Channel } from '../../contract/notice.ts';
import { Problem, type ProblemNote } from '../../contract/problem.ts';
import { checker, id, nullable, strictObject } from '../../contract/schema.ts';
import type { Contact, Member } from '../../contract/unit.ts';
import { secretKeys, settingsShown, type ChannelKind } from '../../config/kinds.ts';
import { channelNetwork, type Network } from '../../config/network.ts';
import { topics } from '../../store/bus/bus.ts';
import type { AccessRule } from '../access/rule.ts';
import type { App, ServerParts } from '../parts.ts';
import { faultWords } from '../problems.ts';

const params = strictObject({ channelId: id('channel') });
const CHANNEL: AccessRule = { right: 'channels', at: [['channel', 'params.channelId']] };
const OWN: AccessRule = { right: 'people', at: [['member', 'params.memberId']], orSelf: 'params.memberId' };
const FEED: AccessRule = { right: 'see', at: 'anywhere', because: 'a feed is for whoever sees all units that its channel speaks of' };
const TEST_WITHIN_MS = 9000, TESTS_AT_ONCE = 4, MEMBER_CONTACTS_MOST = 8;
const FEED_MOST = 200;
/** Settings that say where things go. */
const WHERE = ['url', 'host', 'port'];
const PUSH = 'webPush';

export function channelRoutes(app: App, parts: ServerParts): void {
  const { store, bus, settings: { publicAddress } } = parts;
  const network = channelNetwork(parts.settings.channelNetworks), fitting = channelCheck(parts.channelKinds, network);

  app.get('/api/channels', { config: { access: { right: 'see', at: 'anywhere', because: 'names, for whoever chooses how people are reached; settings and health for whoever sets channels up' } }, schema: { response: { 200: Channels } } }, async (request) => {
    // Channels belong to the installation, not to a unit; their settings and how they fare are for whoever sets them up.
    const [channels, health] = await store.forProduct(() => Promise.all([store.channels().then((all) => (request.access.mayWhole('channels') ? all : all.map(nameOnly))), request.access.mayWhole('channels') ? store.channelHealth() : []]));
    return { kinds: [...parts.channelKinds.values()].map(({ kind, title, settings, address }) => ({ kind, title, settings, address: address === null ? null : { title: address.title, pattern: address.pattern } })), channels, health };
  });

  app.post('/api/channels', { config: { access: { right: 'channels', at: 'whole' } }, schema: { body: ChannelBody, response: { 201: Channel } } }, async (request, reply) => {
    const { kind, settings } = request.body;
    // There is one for the whole installation, and it is there already.
    if (kind === 'inApp') throw new Problem('inputWrong', { reason: 'the in-app channel is there already' });
    return reply.code(201).send(await store.addChannel({ ...request.body, ...fitting(kind, settings) }));
  });

  app.put('/api/channels/:channelId', { config: { access: CHANNEL }, schema: { params, body: ChannelChange, response: { 200: Channel } } }, async (request) => {
    const { channelId } = request.params, { settings: changes, kind, ...rest } = request.body;
    const before = await store.channelSettings(channelId);
    if (before === null) throw new Problem('notFound');
    if (kind !== undefined && kind !== before.channel.kind) throw new Problem('inputWrong', { reason: 'a channel cannot become one of another kind' });
    if (channelId === 'inApp' && rest.enabled === false) throw new Problem('inputWrong', { reason: 'the in-app channel stays on: whoever has no other contact is told there' });
    if (changes === undefined) return await store.changeChannel(channelId, rest);
    // Null takes a setting away; one that is left out stays, so that a key need not be typed again.
    const merged = Object.fromEntries(Object.entries({ ...before.settings, ...changes }).filter(([, value]) => value !== null));
    const secrets = secretKeys(parts.channelKinds.get(before.channel.kind)?.settings).filter((key) => before.settings[key] !== undefined && !WHERE.includes(key));
    // Or whoever may point the channel elsewhere would be sent the keys that only the old place may know.
    const moved = WHERE.some((key) => merged[key] !== before.settings[key]);
    if (moved && secrets.some((key) => changes[key] === undefined)) throw new Problem('inputWrong', { reason: `the address changes, so the keys must be entered again: ${secrets.join(', ')}` });
    return await store.changeChannel(channelId, { ...rest, ...fitting(before.channel.kind, merged) });
  });

  app.delete('/api/channels/:channelId', { config: { access: CHANNEL }, schema: { params } }, async (request, reply) => {
    await store.removeChannel(request.params.channelId);
    return reply.code(204).send();
  });

  // --- the test button
  let testing = 0;
  async function tried(channelId: string, address: string | null, language: 'en' | 'zh'): Promise<TestAnswer> {
    if (testing >= TESTS_AT_ONCE) throw new Problem('tooMany', { most: TESTS_AT_ONCE });
    testing++;
    try {
      const bytes = await bus.request(topics.channelTest, Buffer.from(JSON.stringify({ channelId, address, language })), TEST_WITHIN_MS)
        .catch((error: unknown) => { throw error instanceof Problem && error.note.code === 'busDown' ? new Problem('nobodyDelivers') : error; });
      const said = JSON.parse(Buffer.from(bytes).toString()) as TestAnswer | { problem: ProblemNote };
      if ('problem' in said) throw new Problem(said.problem.code, said.problem.values, said.problem.detail);
      return said;
    } finally { testing--; }
  }
  app.post('/api/channels/:channelId/test', { config: { access: CHANNEL }, schema: { params, body: TestBody, response: { 200: TestAnswer } } }, async (request) => {
    const { channelId } = request.params, { address, language } = request.body;
    if ((await store.channelSettings(channelId)) === null) throw new Problem('notFound');
    return await tried(channelId, address === '' ? null : address, language);
  });
  app.post('/api/members/:memberId/test', { config: { access: OWN }, schema: { params: strictObject({ memberId: id('member') }), response: { 200: Type.Array(TestAnswer) } } }, async (request) => {
    const member = await store.member(request.params.memberId);
    if (member === null) throw new Problem('notFound');
    const contacts: Contact[] = member.contacts.length === 0 ? [{ channelId: 'inApp', address: '' }] : member.contacts;
    // One after the other, as the ladder would.
    const answers: TestAnswer[] = [];
    for (const { channelId, address } of contacts) {
      answers.push(await tried(channelId, address === '' ? null : address, member.language)
        .catch((error: unknown): TestAnswer => { if (error instanceof Problem && error.note.code === 'notFound') return { channelId, outcome: 'refused', tookMs: 0, detail: 'this channel is gone' }; throw error; }));
    }
    return answers;
  });

  // --- what could not be sent
  app.get('/api/notices/dead', { config: { access: { right: 'channels', at: 'anywhere', because: 'notices of incidents in scope' } }, schema: { querystring: strictObject({ most: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }), response: { 200: DeadNotices } } }, async (request) => ({ dead: await store.deadNotices(request.query.most ?? 100) }));
  app.post('/api/notices/:noticeId/again', { config: { access: { right: 'channels', at: [['notice', 'params.noticeId']] } }, schema: { params: strictObject({ noticeId: Type.String({ maxLength: 300 }) }) } }, async (request, reply) => {
    if (!(await store.noticeAgain(request.params.noticeId))) throw new Problem('notFound');
    return reply.code(204).send();
  });

  // --- web push: a browser that may show notices becomes a contact
  const pushChannel = async (): Promise<Channel | null> => (await store.forProduct(() => store.channels())).find(({ kind, enabled }) => kind === PUSH && enabled) ?? null;
  app.get('/api/push/key', { config: { access: { who: 'signedIn', because: 'the public half of a key, the same for all' } }, schema: { response: { 200: strictObject({ publicKey: nullable(Type.String()) }) } } }, async () => {
    const [channel, key] = await Promise.all([pushChannel(), store.forProduct(() => store.channelKeyMade(PUSH))]);
    return { publicKey: channel === null || key === null ? null : (key as { publicKey: string }).publicKey };
  });
  const checkAddress = checker(Type.String({ pattern: parts.channelKinds.get(PUSH)?.address?.pattern ?? '^$', maxLength: 1000 }));
  const PushBody = strictObject({ endpoint: Type.String({ maxLength: 800 }), keys: strictObject({ p256dh: Type.String({ maxLength: 100 }), auth: Type.String({ maxLength: 40 }) }) });
  app.post('/api/members/:memberId/push', { config: { access: OWN }, schema: { params: strictObject({ memberId: id('member') }), body: PushBody } }, async (request, reply) => {
    const [member, channel] = await Promise.all([store.member(request.params.memberId), pushChannel()]);
    if (member === null) throw new Problem('notFound');
    if (channel === null) throw new Problem('notFound', {}, 'there is no channel for browsers');
    const { endpoint, keys: { p256dh, auth } } = request.body, address = JSON.stringify({ endpoint, keys: { p256dh, auth } });
    if (!checkAddress(address).ok || !URL.canParse(endpoint)) throw new Problem('inputWrong', { reason: 'this is not the subscription of a browser' });
    const { hostname, port } = new URL(endpoint);
    network.look(hostname, port === '' ? null : Number(port));
    const isSame = (contact: Contact) => contact.channelId === channel.channelId && contact.address.startsWith(`{"endpoint":${JSON.stringify(endpoint)},`);
    const others = member.contacts.filter((contact) => !isSame(contact));
    if (others.length >= MEMBER_CONTACTS_MOST) throw new Problem('tooMany', { most: MEMBER_CONTACTS_MOST });
    // First of the ladder: it costs nothing and is the fastest.
    await store.changeMember(member.memberId, memberBody(member, [{ channelId: channel.channelId, address }, ...others]));
    return reply.code(204).send();
  });

  // --- CAP alerts, for whoever comes to fetch them
  const capFeed = async ({ access }: FastifyRequest, channelId: string): Promise<{ channel: Channel; entries: { entryId: string; atMs: number; body: string }[] }> => {
    const channel = (await store.forProduct(() => store.channels())).find((one) => one.channelId === channelId);
    if (channel === undefined || channel.kind !== 'cap' || !channel.enabled || channel.settingsShown['feed'] !== true) throw new Problem('notFound');
    const units = channel.subscriptions.length === 0 ? [null] : channel.subscriptions.map(({ unitId }) => unitId);
    for (const unitId of new Set(units)) if (!await access.mayAtUnit('see', unitId)) { access.refused = 'outOfScope'; throw new Problem('notFound'); }
    return { channel, entries: await store.forProduct(() => store.feed(channel.channelId, FEED_MOST)) };
  };
  app.get('/api/cap/:channelId', { config: { access: FEED }, schema: { params } }, async (request, reply) => {
    const { channel, entries } = await capFeed(request, request.params.channelId);
    return reply.type('application/atom+xml; charset=utf-8').header('cache-control', 'no-store').send(atomOf(channel, entries, publicAddress.replace(/\/+$/, '')));
  });
  app.get('/api/cap/:channelId/:entryId', { config: { access: FEED }, schema: { params: strictObject({ channelId: id('channel'), entryId: Type.String({ maxLength: 300 }) }) } }, async (request, reply) => {
    const entry = (await capFeed(request, request.params.channelId)).entries.find(({ entryId }) => entryId === request.params.entryId);
    if (entry === undefined) throw new Problem('notFound');
    return reply.type('application/cap+xml; charset=utf-8').header('cache-control', 'no-store').send(entry.body);
  });
}

/** The kind's own schema first, then what a schema cannot say. */
function channelCheck(kinds: Map<string, ChannelKind>, network: Network): (kind: string, settings: Record<string, unknown>) => { settings: Record<string, unknown>; settingsShown: Record<string, unknown> } {
  const checks = new Map([...kinds].map(([name, kind]) => [name, checker(kind.settings)]));
  return (name, settings) => {
    const kind = kinds.get(name), check = checks.get(name);
    if (kind === undefined || check === undefined) throw new Problem('channelKindUnknown', { kind: name.slice(0, 40) });
    const checked = check(settings);
    if (!checked.ok) throw new Problem('inputWrong', { reason: faultWords(checked.faults.map((fault) => ({ instancePath: `settings${fault.path}`, message: fault.says })), 'settings') });
    const fault = kind.fault?.(checked.value) ?? null;
    if (fault !== null) throw new Problem('inputWrong', { reason: fault });
    const { url, host, port } = checked.value as { url?: unknown; host?: unknown; port?: unknown };
    if (typeof url === 'string') { const { hostname, port: written } = new URL(url.replace(/\{\w+\}/g, '')); network.look(hostname, written === '' ? null : Number(written)); }
    if (typeof host === 'string') network.look(host, typeof port === 'number' ? port : null);
    return { settings, settingsShown: settingsShown(kind.settings, settings) };
  };
}

const nameOnly = ({ channelId, kind, name, enabled, perMinuteMost }: Channel): Channel => ({ channelId, kind, name, enabled, perMinuteMost, settingsShown: {}, subscriptions: [] });
const memberBody = ({ name, duty, language, enabled }: Member, contacts: Contact[]) => ({ name, duty, language, enabled, contacts });

function atomOf({ channelId, name }: Channel, entries: { entryId: string; atMs: number; body: string }[], publicAddress: string): string {
  const updated = new Date(entries[0]?.atMs ?? 0).toISOString();
  const pathOf = (entryId: string) => `${publicAddress}/api/cap/${channelId}/${encodeURIComponent(entryId)}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>', '<feed xmlns="http://www.w3.org/2005/Atom">', `<id>urn:crowdlight:cap:${channelId}</id>`, `<title>${xmlText(name)}</title>`, `<updated>${updated}</updated>`,
    ...entries.map(({ entryId, atMs, body }) => `<entry><id>urn:crowdlight:cap:${channelId}:${xmlText(entryId)}</id><title>${/<headline>([^<]*)<\/headline>/.exec(body)?.[1] ?? xmlText(entryId)}</title><updated>${new Date(atMs).toISOString()}</updated><author><name>Crowdlight</name></author><link rel="alternate" type="application/cap+xml" href="${xmlText(pathOf(entryId))}"/></entry>`),
    '</feed>', '',
  ].join('\n');
}
const xmlText = (words: string) => words.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
