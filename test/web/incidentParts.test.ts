// What the pages of incidents are made of, without a browser: the order and filters of lists, the outbox of a phone, sentences of facts, the tree of units. Rules WI of docs/SPEC.md.
import fc from 'fast-check';
import i18next from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { INCIDENT_FACTS, type Actor, type IncidentLine } from '../../contract/incident.ts';
import type { ProblemCode } from '../../contract/problem.ts';
import type { Unit } from '../../contract/unit.ts';
import { outbox, SIZE_MOST_CHARS, WAITING_MOST, type Deed, type Photo } from '../../web/duty/outbox.ts';
import { factSentence } from '../../web/incidents/factSentence.ts';
import { compareLines, FILTER_FIRST, fitsFilter, mergedLines } from '../../web/incidents/listOrder.ts';
import { chainOf, subtreeOf, treeOf } from '../../web/incidents/unitTree.ts';
import { wordsEn } from '../../web/incidents/words.en.ts';
import { wordsZh } from '../../web/incidents/words.zh.ts';
import { en } from '../../web/words/en.ts';
import { zh } from '../../web/words/zh.ts';

const NOW_MS = 1_800_000_000_000;
const by: Actor = { memberId: 'm1', name: 'Li Wei', duty: 'fieldWorker', unitId: 'g1' };
const line = (incidentId: string, over: Partial<IncidentLine> = {}): IncidentLine => ({
  incidentId, version: 1, exercise: false, demo: false, category: 'crowding', severity: 'serious', title: '', step: 'dispatched', placeName: 'East gate', siteName: 'Square', siteId: 's', zoneId: 'z', point: { lng: 121, lat: 31 }, unitId: 'g1', unitLevel: 'grid', placeUnitId: 'g1',
  reportedAtMs: NOW_MS - 1000, changedAtMs: NOW_MS, alarmIds: [], alarmLevel: null, due: { kind: 'onSite', dueAtMs: NOW_MS + 60_000 }, overdueSinceMs: null, people: [], exhausted: false, urgedCount: 0, ...over,
});
const ids = (lines: readonly IncidentLine[]) => lines.map(({ incidentId }) => incidentId).join(' ');

describe('lists', () => {
  test('WI20 overdue stands first, the oldest on top, also what has just passed and no record says yet; then what is due next; then what waits for nothing', () => {
    const lines = [line('soon', { due: { kind: 'assess', dueAtMs: NOW_MS + 5 } }), line('waits', { due: null }), line('late', { overdueSinceMs: NOW_MS - 10 }), line('later', { overdueSinceMs: NOW_MS - 500 }), line('passed', { due: { kind: 'onSite', dueAtMs: NOW_MS - 100 } }), line('far', { due: { kind: 'onSite', dueAtMs: NOW_MS + 900 } })];
    expect(ids(lines.toSorted(compareLines('due', NOW_MS)))).toBe('later passed late soon far waits');
  });

  test('WI20 the order is one order: any list, however it came, is the same one sorted', () => {
    const any = fc.record({ id: fc.nat(50), reported: fc.nat(1000), overdue: fc.option(fc.nat(1000)), due: fc.option(fc.integer({ min: -500, max: 500 })) });
    fc.assert(fc.property(fc.uniqueArray(any, { selector: ({ id }) => id }), fc.constantFrom('due' as const, 'newest' as const, 'age' as const), fc.nat(), (made, order, turn) => {
      const lines = made.map(({ id, reported, overdue, due }) => line(`i${id}`, { reportedAtMs: NOW_MS - reported, overdueSinceMs: overdue === null ? null : NOW_MS - overdue, due: due === null ? null : { kind: 'onSite', dueAtMs: NOW_MS + due } }));
      const turned = lines.map((_, at) => lines[(at + turn) % lines.length]!);
      expect(ids(turned.toSorted(compareLines(order, NOW_MS)))).toBe(ids(lines.toSorted(compareLines(order, NOW_MS))));
    }));
  });

  test('WI21 of each incident the newest version counts, from the server or from the line; what is closed leaves the open ones', () => {
    const asked = [line('a', { version: 3, title: 'asked' }), line('b', { version: 2 }), line('c')];
    const live = new Map([['a', line('a', { version: 2, title: 'old' })], ['b', line('b', { version: 5, step: 'closed' })], ['d', line('d')]]);
    const merged = mergedLines({ asked, live, fits: (each) => fitsFilter(each, FILTER_FIRST, null, NOW_MS), compare: compareLines('newest', NOW_MS) });
    expect(merged.map(({ incidentId, title }) => [incidentId, title])).toEqual([['a', 'asked'], ['c', ''], ['d', '']]);
  });

  test('WI21 each filter holds alone', () => {
    const fits = (over: object, of: Partial<IncidentLine> = {}, subtree: Set<string> | null = null) => fitsFilter(line('a', of), { ...FILTER_FIRST, ...over }, subtree, NOW_MS);
    expect([fits({ state: 'closed' }), fits({ state: 'closed' }, { step: 'merged' }), fits({ category: 'fire' }), fits({ severity: 'serious' }), fits({ step: 'handled' }), fits({ exercise: 'none' }, { exercise: true }), fits({ exercise: 'only' }), fits({ overdue: true }), fits({ overdue: true }, { due: { kind: 'onSite', dueAtMs: NOW_MS - 1 } }), fits({ text: ' SQUARE' }), fits({ text: 'harbour' })])
      .toEqual([false, true, false, true, false, false, false, false, true, true, false]);
    // Of a unit is what it handles and what lies in it.
    expect([fits({ unitId: 'g1' }, {}, new Set(['g1'])), fits({ unitId: 't' }, { unitId: 't' }, new Set(['t'])), fits({ unitId: 'g2' }, {}, new Set(['g2'])), fits({ unitId: 'g1' }, { unitId: 't' }, new Set(['g1']))]).toEqual([true, true, false, true]);
  });
});

describe('units', () => {
  const unit = (unitId: string, parentId: string | null): Unit => ({ unitId, level: 'grid', code: unitId, names: { en: unitId, zh: unitId }, parentId, version: 1, bounds: { southWest: { lng: 0, lat: 0 }, northEast: { lng: 1, lat: 1 } }, areaM2: 1, demo: false });
  test('WI22 a subtree is the unit and all below; a chain goes up to the top; a parent that is not there and a circle do no harm', () => {
    const tree = treeOf([unit('city', null), unit('town', 'city'), unit('a', 'town'), unit('b', 'town'), unit('lost', 'nowhere'), unit('x', 'y'), unit('y', 'x')]);
    expect([...subtreeOf(tree, 'town')]).toEqual(['town', 'a', 'b']);
    expect(chainOf(tree, 'a').map(({ unitId }) => unitId)).toEqual(['a', 'town', 'city']);
    expect([...subtreeOf(tree, 'x')]).toEqual(['x', 'y']);
    expect(chainOf(tree, 'x').length).toBeLessThanOrEqual(10);
  });
});

describe('the outbox of a phone', () => {
  const note = (commandId: string, incidentId = 'i1'): Deed => ({ kind: 'command', incidentId, body: { commandId, by, command: { type: 'note', words: 'seen', attachments: [] } } });
  function phone({ kept = null as string | null, writes = true, accountId = 'a1' as string | null } = {}) {
    const store = { text: kept, writes }, signedIn = { accountId };
    const sent: string[] = [], taken: string[] = [], timers: { ms: number; act: () => void }[] = [];
    let answer: 'taken' | 'lost' | { code: ProblemCode } = 'taken', photosSent = 0;
    const result = async () => (answer === 'taken' ? { ok: true as const, value: null } : answer === 'lost' ? { ok: false as const, trouble: { from: 'line' as const, detail: 'no network' } } : { ok: false as const, trouble: { from: 'server' as const, note: { code: answer.code, values: {}, detail: null } } });
    const box = outbox({
      storage: { read: () => store.text, write: (text) => { if (store.writes) store.text = text; return store.writes; } },
      command: async (_, body) => { sent.push(body.commandId); return result(); }, report: async (body) => { sent.push(body.commandId); return result(); },
      attach: async () => { photosSent++; return answer === 'lost' ? { ok: false, trouble: { from: 'line', detail: '' } } : { ok: true, value: { sha256: 'a'.repeat(64), name: 'p.jpg', type: 'image/jpeg', sizeBytes: 3 } }; },
      whose: () => signedIn.accountId, nowMs: () => NOW_MS, later: (ms, act) => { const timer = { ms, act }; timers.push(timer); return () => { timers.splice(timers.indexOf(timer), 1); }; }, onTaken: ({ body }) => taken.push(body.commandId),
    });
    const settle = async () => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };
    return { box, store, signedIn, sent, taken, timers, settle, answers: (next: typeof answer) => { answer = next; }, photosSent: () => photosSent };
  }

  test('WI23 what is done without a network is sent again under its own id, in order, and each of it is taken once', async () => {
    const one = phone();
    one.answers('lost');
    expect([one.box.add(note('c1')), one.box.add(note('c2'))]).toEqual([true, true]);
    await one.settle();
    expect([one.sent, one.taken, one.box.waiting().map(({ state }) => state)]).toEqual([['c1'], [], ['waiting', 'waiting']]);
    expect(one.timers.map(({ ms }) => ms)).toEqual([1000]);
    one.answers('taken');
    one.timers[0]!.act();
    await one.settle();
    expect([one.sent, one.taken, one.box.waiting()]).toEqual([['c1', 'c1', 'c2'], ['c1', 'c2'], []]);
  });

  test('WI23 it outlives the page: a new one goes on with what was kept, also when it was just being sent', async () => {
    const before = phone();
    before.answers('lost');
    before.box.add(note('c1'));
    await before.settle();
    const after = phone({ kept: before.store.text });
    after.box.wake();
    await after.settle();
    expect([after.taken, after.store.text]).toEqual([['c1'], '[]']);
    for (const text of ['nonsense', '{}', '[1,null,{"deed":5}]']) expect(phone({ kept: text }).box.waiting()).toEqual([]);
  });

  test('WI23 what the server refuses is put aside with its reason and holds nothing up; it goes only when somebody has read it', async () => {
    const one = phone();
    one.answers('lost');
    one.box.add(note('c1')); one.box.add(note('c2'));
    await one.settle();
    one.answers({ code: 'incidentStepNotAllowed' });
    one.box.wake();
    await one.settle();
    expect(one.box.waiting().map(({ state, note: why }) => [state, why?.code])).toEqual([['refused', 'incidentStepNotAllowed'], ['refused', 'incidentStepNotAllowed']]);
    one.box.dismiss('c1');
    expect(one.box.waiting().map(({ deed }) => deed.body.commandId)).toEqual(['c2']);
  });

  test('WI23 it is sent by the account that did it and by no other, and waits while nobody is signed in', async () => {
    const one = phone();
    one.answers('lost');
    one.box.add(note('c1'));
    await one.settle();
    const other = phone({ kept: one.store.text, accountId: 'a2' });
    other.box.add(note('c2'));
    other.box.wake();
    await other.settle();
    expect([other.taken, other.box.waiting().map(({ accountId }) => accountId)]).toEqual([['c2'], ['a1']]);
    expect(other.timers, 'nothing of theirs to try again').toEqual([]);
    // The session is over before the step reaches the server: refused is nothing.
    const back = phone({ kept: other.store.text });
    back.answers({ code: 'notSignedIn' });
    back.box.wake();
    await back.settle();
    expect(back.box.waiting().map(({ state, attempts }) => [state, attempts])).toEqual([['waiting', 0]]);
    back.signedIn.accountId = null;
    expect(back.box.add(note('c3')), 'nobody did it').toBe(false);
    back.answers('taken');
    back.box.wake();
    await back.settle();
    expect(back.taken).toEqual([]);
    back.signedIn.accountId = 'a1';
    back.box.wake();
    await back.settle();
    expect([back.taken, back.box.waiting()]).toEqual([['c1'], []]);
  });

  test('WI23 a server that wants to be asked more slowly is, and the step is taken', async () => {
    const one = phone();
    one.answers({ code: 'tooMany' });
    one.box.add(note('c1'));
    await one.settle();
    expect(one.box.waiting().map(({ state, attempts }) => [state, attempts])).toEqual([['waiting', 1]]);
    one.answers('taken');
    one.timers[0]!.act();
    await one.settle();
    expect(one.taken).toEqual(['c1']);
  });

  test('WI23 a server that fails is asked again with growing pauses, and not for ever', async () => {
    const one = phone();
    one.answers({ code: 'internal' });
    one.box.add(note('c1'));
    const pauses: number[] = [];
    for (let turn = 0; turn < 40 && one.box.waiting()[0]?.state !== 'refused'; turn++) { await one.settle(); const timer = one.timers.shift(); if (timer !== undefined) { pauses.push(timer.ms); timer.act(); } }
    await one.settle();
    expect(one.box.waiting().map(({ state }) => state)).toEqual(['refused']);
    expect(one.sent).toHaveLength(20);
    expect(Math.max(...pauses)).toBe(30_000);
  });

  test('WI23 it is bounded by number and by size, a browser without storage refuses too, and nothing that waits is lost', async () => {
    const one = phone();
    one.answers('lost');
    for (let each = 0; each < WAITING_MOST; each++) expect(one.box.add(note(`c${each}`))).toBe(true);
    expect(one.box.add(note('more'))).toBe(false);
    const large: Photo = { name: 'p.jpg', type: 'image/jpeg', base64: 'x'.repeat(SIZE_MOST_CHARS), sent: null };
    expect(phone().box.add(note('c1'), [large])).toBe(false);
    expect(phone({ writes: false }).box.add(note('c1'))).toBe(false);
    // Storage that fails later: what was taken is not sent a second time.
    const two = phone();
    two.answers('lost');
    two.box.add(note('c1'));
    await two.settle();
    two.store.writes = false;
    two.answers('taken');
    two.box.wake();
    await two.settle();
    expect([two.sent, two.box.waiting()]).toEqual([['c1', 'c1'], []]);
  });

  test('WI23 a photo goes before the step that names it, and once', async () => {
    const one = phone();
    one.answers('lost');
    one.box.add(note('c1'), [{ name: 'p.jpg', type: 'image/jpeg', base64: 'AAAA', sent: null }]);
    await one.settle();
    expect(one.sent).toEqual([]);
    one.answers({ code: 'internal' });
    one.box.wake();
    await one.settle();
    one.answers('taken');
    one.box.wake();
    await one.settle();
    expect([one.photosSent(), one.taken]).toEqual([2, ['c1']]);
  });
});

describe('sentences', () => {
  beforeAll(async () => { await i18next.init({ lng: 'en', defaultNS: 'page', ns: ['page', 'incidents'], resources: { en: { page: en, incidents: wordsEn }, zh: { page: zh, incidents: wordsZh } }, interpolation: { escapeValue: false } }); });
  const sentence = (language: 'en' | 'zh', what: (typeof INCIDENT_FACTS)[number], values: Record<string, string | number | boolean | null> = {}) =>
    factSentence({ what, values }, { t: i18next.getFixedT(language, 'incidents'), page: i18next.getFixedT(language, 'page'), language, category: (code) => code });

  test('WI24 every fact has a sentence in both languages, also without its figures, and none shows a gap or a code', () => {
    for (const language of ['en', 'zh'] as const) for (const what of INCIDENT_FACTS) {
      const words = sentence(language, what);
      expect(words, `${language} ${what}`).not.toMatch(/\{\{|undefined|null|^fact\./);
      expect(words.length, `${language} ${what}`).toBeGreaterThan(0);
      if (language === 'zh') expect(words, what).toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test('WI24 the figures of a fact stand in its sentence, names in the language of the page', () => {
    const unit = { unitId: 'u', unitNameEn: 'Riverside', unitNameZh: '河滨街道', unitLevel: 'township' };
    expect([sentence('en', 'asked', { memberName: 'Li Wei', ...unit }), sentence('zh', 'asked', { memberName: 'Li Wei', ...unit })]).toEqual(['Li Wei was asked to go (Riverside)', '请求 Li Wei 前往 (河滨街道)']);
    expect([sentence('en', 'severityRaised', { from: 'moderate', to: 'critical' }), sentence('en', 'deadlineMissed', { kind: 'onSite' }), sentence('en', 'assessed', { outcome: 'falseAlarm' }), sentence('zh', 'actionDone', { actionEn: 'Open the exit', actionZh: '打开出口' })])
      .toEqual(['Severity raised from Moderate to Critical', 'Deadline missed: on site', 'Assessed and closed: False alarm', '措施已完成:打开出口']);
  });
});
