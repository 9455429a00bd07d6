// People on duty, policies, playbooks and categories.
import Type from 'typebox';
import type { Right } from '../../contract/access.ts';
import { CategoryList, MemberBody, PlaybookBody, Playbooks, PolicyAnswer, ShiftBody, UnitPeople } from '../../contract/apiIncidents.ts';
import { CATEGORIES, CATEGORY_NAMES } from '../../contract/incident.ts';
import { Playbook, UnitPolicy } from '../../contract/playbook.ts';
import { Problem } from '../../contract/problem.ts';
import { id, strictObject } from '../../contract/schema.ts';
import { Member, Shift } from '../../contract/unit.ts';
import { tellUnitsChanged } from '../tellUnitsChanged.ts';
import type { AccessRule } from '../access/rule.ts';
import type { App, ServerParts } from '../parts.ts';

const unitParams = strictObject({ unitId: id('unit') }), memberParams = strictObject({ memberId: id('member') }), shiftParams = strictObject({ shiftId: id('shift') });
const siteParams = strictObject({ siteId: id('site') }), playbookParams = strictObject({ playbookId: id('playbook') });
const ofUnit = (right: Right): AccessRule => ({ right, at: [['unit', 'params.unitId']] });
const MEMBER: AccessRule = { right: 'people', at: [['member', 'params.memberId']] };

export function peopleRoutes(app: App, parts: ServerParts): void {
  const { store } = parts;

  app.get('/api/units/:unitId/people', { config: { access: ofUnit('see') }, schema: { params: unitParams, response: { 200: UnitPeople } } }, async (request) => {
    const { unitId } = request.params;
    const { members, shifts } = await store.people(unitId);
    const onDuty = await store.onDuty([unitId], Date.now());
    // How somebody is reached is for whoever sets people up, and for themselves.
    const mayReach = await request.access.mayAtUnit('people', unitId), own = request.principal!.actor.memberId;
    const shown = mayReach ? members : members.map((member) => (member.memberId === own ? member : { ...member, contacts: [] }));
    return { members: shown, shifts, onDutyMemberIds: (onDuty.get(unitId) ?? []).map(({ memberId }) => memberId) };
  });
  app.post('/api/units/:unitId/members', { config: { access: ofUnit('people') }, schema: { params: unitParams, body: MemberBody, response: { 201: Member } } }, async (request, reply) => {
    await channelsMustBe(request.body.contacts.map(({ channelId }) => channelId));
    const member = await store.addMember(request.params.unitId, request.body);
    tellUnitsChanged(parts);
    return reply.code(201).send(member);
  });
  app.put('/api/members/:memberId', { config: { access: MEMBER }, schema: { params: memberParams, body: MemberBody, response: { 200: Member } } }, async (request) => {
    const { memberId } = request.params;
    const before = await store.member(memberId);
    if (before === null) throw new Problem('notFound');
    // A contact whose channel was removed meanwhile may stay as it is; only new ones must lead somewhere.
    const known = new Set(before.contacts.map(({ channelId }) => channelId));
    await channelsMustBe(request.body.contacts.map(({ channelId }) => channelId).filter((channelId) => !known.has(channelId)));
    const member = await store.changeMember(memberId, request.body);
    tellUnitsChanged(parts);
    return member;
  });
  app.delete('/api/members/:memberId', { config: { access: MEMBER }, schema: { params: memberParams } }, async (request, reply) => {
    await store.removeMember(request.params.memberId);
    tellUnitsChanged(parts);
    return reply.code(204).send();
  });

  app.post('/api/units/:unitId/shifts', { config: { access: { right: 'people', at: [['unit', 'params.unitId'], ['member', 'body.memberId']] } }, schema: { params: unitParams, body: ShiftBody, response: { 201: Shift } } }, async (request, reply) => {
    const shift = await store.addShift(request.params.unitId, request.body);
    tellUnitsChanged(parts);
    return reply.code(201).send(shift);
  });
  app.put('/api/shifts/:shiftId', { config: { access: { right: 'people', at: [['shift', 'params.shiftId'], ['member', 'body.memberId']] } }, schema: { params: shiftParams, body: ShiftBody, response: { 200: Shift } } }, async (request) => {
    const shift = await store.changeShift(request.params.shiftId, request.body);
    tellUnitsChanged(parts);
    return shift;
  });
  app.delete('/api/shifts/:shiftId', { config: { access: { right: 'people', at: [['shift', 'params.shiftId']] } }, schema: { params: shiftParams } }, async (request, reply) => {
    await store.removeShift(request.params.shiftId);
    tellUnitsChanged(parts);
    return reply.code(204).send();
  });

  app.get('/api/units/:unitId/policy', { config: { access: ofUnit('see') }, schema: { params: unitParams, response: { 200: PolicyAnswer } } }, async (request) => store.policy(request.params.unitId));
  app.put('/api/units/:unitId/policy', { config: { access: ofUnit('setup') }, schema: { params: unitParams, body: UnitPolicy, response: { 200: PolicyAnswer } } }, async (request) => {
    await store.keepPolicy(request.params.unitId, request.body);
    tellUnitsChanged(parts);
    return store.policy(request.params.unitId);
  });
  app.get('/api/categories', { config: { access: { right: 'see', at: [['unit', 'query.unitId']] } }, schema: { querystring: strictObject({ unitId: Type.Optional(id('unit')) }), response: { 200: CategoryList } } }, async (request) => {
    const own = request.query.unitId === undefined ? [] : (await store.policy(request.query.unitId)).inForce.ownCategories;
    return { categories: [...CATEGORIES.map((category) => ({ category, names: CATEGORY_NAMES[category] })), ...own] };
  });

  app.get('/api/sites/:siteId/playbooks', { config: { access: { right: 'see', at: [['site', 'params.siteId']] } }, schema: { params: siteParams, response: { 200: Playbooks } } }, async (request) => ({ playbooks: await store.playbooks(request.params.siteId) }));
  app.post('/api/sites/:siteId/playbooks', { config: { access: { right: 'setup', at: [['site', 'params.siteId'], ['zone', 'body.zoneId']] } }, schema: { params: siteParams, body: PlaybookBody, response: { 201: Playbook } } }, async (request, reply) => {
    await channelsMustBe(channelsOf(request.body));
    const playbook = await store.addPlaybook(request.params.siteId, request.body);
    tellUnitsChanged(parts);
    return reply.code(201).send(playbook);
  });
  app.put('/api/playbooks/:playbookId', { config: { access: { right: 'setup', at: [['playbook', 'params.playbookId'], ['zone', 'body.zoneId']] } }, schema: { params: playbookParams, body: PlaybookBody, response: { 200: Playbook } } }, async (request) => {
    await channelsMustBe(channelsOf(request.body));
    const playbook = await store.changePlaybook(request.params.playbookId, request.body);
    tellUnitsChanged(parts);
    return playbook;
  });
  app.delete('/api/playbooks/:playbookId', { config: { access: { right: 'setup', at: [['playbook', 'params.playbookId']] } }, schema: { params: playbookParams } }, async (request, reply) => {
    await store.removePlaybook(request.params.playbookId);
    tellUnitsChanged(parts);
    return reply.code(204).send();
  });

  async function channelsMustBe(channelIds: string[]): Promise<void> {
    if (channelIds.length === 0) return;
    const known = new Set((await store.forProduct(() => store.channels())).map(({ channelId }) => channelId));
    const missing = channelIds.find((channelId) => !known.has(channelId));
    if (missing !== undefined) throw new Problem('inputWrong', { reason: `channelId: there is no channel ${missing}` });
  }
}

const channelsOf = ({ actions }: PlaybookBody): string[] => actions.flatMap(({ channelId }) => (channelId === null ? [] : [channelId]));
