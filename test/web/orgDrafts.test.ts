// What the pages of units, people, times and lists of actions hold while they are edited: outlines, weeks, spans and wishes. Pure.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEADLINES_DEFAULT, SYSTEM_ACTOR } from '../../contract/incident.ts';
import type { UnitPolicy } from '../../contract/playbook.ts';
import type { Member, Unit, UnitShape } from '../../contract/unit.ts';
import { isOnShift } from '../../crowd/roster.ts';
import { bodyOf, draftsOf, gapsOf, minuteOf, MINUTES_A_WEEK, shiftChanges, shiftFaults, timeOf, type ShiftDraft } from '../../web/setup/people/week.ts';
import { setupPageOf } from '../../web/setup/setupPageOf.ts';
import { categoryFault, hasFaults, linesOf, outOfOrder, policyBody, timesOf, withTime, withTimes } from '../../web/setup/units/policyDraft.ts';
import { secondsOf, spanText } from '../../web/setup/units/spanInput.ts';
import { bodyOfUnit, cornersOf, draftFaults, draftOfUnit, drawing, isInShape, ringsOf, withCornerAfter, withCornerAt, withDrawn, withDrawnClosed, withoutCorner, withoutDrawn, withoutRing, withRectangle } from '../../web/setup/units/unitDraft.ts';
import { wordsEn } from '../../web/setup/units/words.en.ts';
import { wordsZh } from '../../web/setup/units/words.zh.ts';

const outer = [{ lng: 10, lat: 50 }, { lng: 10.1, lat: 50 }, { lng: 10.1, lat: 50.1 }, { lng: 10, lat: 50.1 }];
const hole = [{ lng: 10.04, lat: 50.04 }, { lng: 10.06, lat: 50.04 }, { lng: 10.06, lat: 50.06 }];
const shape: UnitShape = [{ outer, holes: [hole] }, { outer: outer.map(({ lng, lat }) => ({ lng: lng + 1, lat })), holes: [] }];
const unit: Unit = { unitId: 'u1', level: 'township', code: 'T1', names: { en: 'Town', zh: '镇' }, parentId: 'c', version: 3, bounds: { southWest: outer[0]!, northEast: outer[2]! }, areaM2: 1, demo: false };
const city: Unit = { ...unit, unitId: 'c', level: 'city', code: 'C', parentId: null };

describe('a unit being drawn', () => {
  const draft = draftOfUnit(unit, shape, { level: 'grid', parentId: null }), outerRef = { part: 0, hole: null }, holeRef = { part: 0, hole: 0 };
  test('corners of parts and holes are moved, added and removed where they are; a ring of two is gone; without any part it is drawn anew', () => {
    expect(ringsOf(shape).map(({ ref }) => ref)).toEqual([outerRef, holeRef, { part: 1, hole: null }]);
    const moved = withCornerAt(draft, holeRef, 1, { lng: 10.05555555555, lat: 50.05 });
    expect(cornersOf(moved.shape, holeRef)[1]).toEqual({ lng: 10.0555556, lat: 50.05 });
    expect(moved.shape[1]).toEqual(shape[1]);
    expect(cornersOf(withCornerAfter(draft, outerRef, 3, { lng: 10, lat: 50.05 }).shape, outerRef)).toHaveLength(5);
    expect(withoutCorner(draft, holeRef, 0).shape[0]!.holes).toEqual([]);
    const one = withoutRing(draft, outerRef);
    expect(one.shape).toEqual([shape[1]]);
    expect(withoutRing(one, outerRef)).toMatchObject({ shape: [], drawing: { as: 'part', corners: [] } });
  });
  test('a drawn ring becomes a part, or a hole of the part in which it begins; the last corner goes back, and from nothing back to the outline', () => {
    const points = [{ lng: 10.02, lat: 50.02 }, { lng: 10.03, lat: 50.02 }, { lng: 10.03, lat: 50.03 }];
    const asHole = withDrawnClosed(points.reduce(withDrawn, drawing(draft, 'hole')));
    expect(asHole.shape[0]!.holes[1]).toEqual(points);
    expect(withDrawnClosed(points.reduce(withDrawn, drawing(draft, 'part'))).shape).toHaveLength(3);
    expect(withDrawnClosed(points.slice(0, 2).reduce(withDrawn, drawing(draft, 'part'))).drawing!.corners).toHaveLength(2);
    expect(withoutDrawn(withDrawn(drawing(draft, 'part'), points[0]!)).drawing).toEqual({ as: 'part', corners: [] });
    expect(withoutDrawn(drawing(draft, 'part')).drawing).toBeNull();
    const fresh = draftOfUnit(null, [], { level: 'grid', parentId: 'u1' });
    expect(withoutDrawn(fresh)).toBe(fresh);
    expect(withRectangle(fresh, { west: 0, south: 0, east: 10, north: 10 }).shape[0]!.outer).toEqual([{ lng: 3.5, lat: 3.5 }, { lng: 6.5, lat: 3.5 }, { lng: 6.5, lat: 6.5 }, { lng: 3.5, lat: 6.5 }]);
  });
  test('what stands in a hole stands outside', () => {
    expect([{ lng: 10.01, lat: 50.01 }, { lng: 10.055, lat: 50.045 }, { lng: 11.05, lat: 50.05 }, { lng: 10.5, lat: 50.05 }].map((at) => isInShape(shape, at))).toEqual([true, false, true, false]);
  });
  test('what is missing is named; one name stands for both', () => {
    const byId = new Map([['c', city], ['u1', unit]]);
    expect(draftFaults(draft, byId)).toEqual(new Set());
    expect(draftFaults(draftOfUnit(null, [], { level: 'city', parentId: 'c' }), byId)).toEqual(new Set(['nameMissing', 'codeWrong', 'parentWrong', 'shapeMissing']));
    expect(draftFaults({ ...draft, parentId: 'gone', code: 'no spaces' }, byId)).toEqual(new Set(['codeWrong', 'parentWrong']));
    expect(bodyOfUnit({ ...draft, en: ' ', zh: ' 镇 ' }, 3, SYSTEM_ACTOR)).toMatchObject({ names: { en: '镇', zh: '镇' }, seenVersion: 3 });
    expect(bodyOfUnit(draft, null, SYSTEM_ACTOR)).not.toHaveProperty('seenVersion');
  });
});

const member = (memberId: string, enabled = true): Member => ({ memberId, unitId: 'u', name: memberId, duty: 'operator', language: 'en', contacts: [], enabled });
const line = (over: Partial<ShiftDraft>): ShiftDraft => ({ key: 'k', shiftId: null, memberId: 'a', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '08:00', until: '20:00', order: 0, ...over });
describe('the week', () => {
  test('times are read as they are written', () => {
    expect(['08:00', '8:05', '23:59', '24:00', '8', '08:60', 'noon', ''].map(minuteOf)).toEqual([480, 485, 1439, null, null, null, null, null]);
    expect([0, 65, 1439].map(timeOf)).toEqual(['00:00', '01:05', '23:59']);
    expect(shiftFaults([line({}), line({ weekdays: [] }), line({ from: 'x', weekdays: [] })])).toEqual([{ number: 2, fault: 'dayMissing' }, { number: 3, fault: 'timeWrong' }]);
  });
  test('only what differs is asked of the server', () => {
    const kept = [{ shiftId: 's1', unitId: 'u', memberId: 'a', weekdays: [1], startMinute: 0, endMinute: 60, order: 0 }, { shiftId: 's2', unitId: 'u', memberId: 'a', weekdays: [2], startMinute: 0, endMinute: 60, order: 0 }, { shiftId: 's3', unitId: 'u', memberId: 'a', weekdays: [3], startMinute: 0, endMinute: 60, order: 0 }];
    const [one, two] = draftsOf(kept) as [ShiftDraft, ShiftDraft, ShiftDraft];
    expect(shiftChanges(kept, draftsOf(kept))).toEqual({ add: [], change: [], remove: [] });
    const changes = shiftChanges(kept, [one, { ...two, until: '02:00' }, line({ key: 'new' })]);
    expect([changes.add.length, changes.change.map(({ shiftId }) => shiftId), changes.remove]).toEqual([1, ['s2'], ['s3']]);
  });
  test('hours without anybody: joined over midnight and over the end of the week; nobody who is switched off counts', () => {
    const both = [line({}), line({ memberId: 'b', from: '20:00', until: '08:00' })];
    expect(gapsOf([member('a'), member('b')], both)).toEqual([]);
    expect(gapsOf([member('a'), member('b', false)], both)).toHaveLength(7);
    expect(gapsOf([member('a')], [line({ weekdays: [1, 2, 3, 4, 5] })]).at(-1)).toEqual({ fromMinute: 4 * 1440 + 1200, untilMinute: MINUTES_A_WEEK + 480 });
    expect(gapsOf([member('a')], [])).toEqual([]);
    expect(gapsOf([], [])).toEqual([{ fromMinute: 0, untilMinute: MINUTES_A_WEEK }]);
  });
  test('the gaps are exactly the minutes in which no shift is, whatever the shifts', () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
    console.log(`gaps of weeks: SEED=${seed}`);
    const shift = fc.record({ weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), from: fc.integer({ min: 0, max: 1439 }).map(timeOf), until: fc.integer({ min: 0, max: 1439 }).map(timeOf) });
    fc.assert(fc.property(fc.array(shift, { minLength: 1, maxLength: 4 }), (given) => {
      const drafts = given.map((each, index) => line({ ...each, key: String(index) })), gaps = gapsOf([member('a')], drafts);
      for (let minute = 0; minute < MINUTES_A_WEEK; minute += 7) {
        const inGap = gaps.some(({ fromMinute, untilMinute }) => (minute >= fromMinute && minute < untilMinute) || (minute + MINUTES_A_WEEK >= fromMinute && minute + MINUTES_A_WEEK < untilMinute));
        const onDuty = drafts.some((draft) => isOnShift(bodyOf(draft)!, 4 * 1440 + minute));
        if (inGap === onDuty) throw new Error(`minute ${minute} of ${JSON.stringify(given)}`);
      }
    }), { seed, numRuns: 150 });
  });
});

describe('spans', () => {
  test('as people write them, in both languages, and back exactly', () => {
    expect(['90', '90 s', '5 min', '5m', '2 h', '1 d', '1 h 30 min', '60 秒', '5分', '2 小时', '1天', '0,5 h', '1.5 h'].map(secondsOf)).toEqual([90, 90, 300, 300, 7200, 86_400, 5400, 60, 300, 7200, 86_400, 1800, 5400]);
    for (const nonsense of ['', 'soon', '5 parsecs', '-5', '5 min later', '1 2', '0.0001 s']) expect(secondsOf(nonsense), nonsense).toBeNull();
    fc.assert(fc.property(fc.integer({ min: 1, max: 90 * 86_400 }), fc.constantFrom('en' as const, 'zh' as const), (seconds, language) => secondsOf(spanText(seconds, language)) === seconds), { seed: 7 });
    expect([spanText(90, 'en'), spanText(90, 'zh'), spanText(86_400, 'en')]).toEqual(['1 min 30 s', '1 分 30 秒', '1 d']);
  });
});

describe('wishes of a unit', () => {
  const none: UnitPolicy = { ownCategories: [], deadlines: {} }, above: UnitPolicy = { ownCategories: [{ category: 'lift', names: { en: 'Lift', zh: '电梯' } }], deadlines: { '*': DEADLINES_DEFAULT, fire: { ...DEADLINES_DEFAULT, minor: DEADLINES_DEFAULT.critical } } };
  test('own times hide those from above and give way to them again', () => {
    expect(linesOf(none, above)).toEqual(['fire', '*']);
    expect(timesOf(none, above, 'fire')).toEqual({ times: above.deadlines['fire'], isOwn: false });
    const own = withTime(withTimes(none, 'fire', timesOf(none, above, 'fire').times), 'fire', 'minor', 'onSite', 45);
    expect(timesOf(own, above, 'fire')).toMatchObject({ isOwn: true, times: { minor: { onSite: 45, acknowledge: 60 } } });
    expect(outOfOrder(own.deadlines['fire']!.minor)).toBe('onSite');
    expect([hasFaults(own, above.ownCategories), hasFaults(withTimes(own, 'fire', null), above.ownCategories)]).toEqual([true, false]);
    expect(withTimes(own, 'fire', null)).toEqual(none);
    expect(withTime(none, 'gas', 'minor', 'onSite', 45)).toBe(none);
  });
  test('an own category has a short word of its own and a name, and is about a place or a danger', () => {
    const one = (category: string, en = 'Ice', zh = '') => categoryFault([{ category, names: { en, zh } }], 0, above.ownCategories);
    expect([one('ice'), one('Ice'), one('fire'), one('lift'), one('ice', ''), one('x', 'Protest')]).toEqual([null, 'codeWrong', 'taken', 'taken', 'nameMissing', 'refused']);
    expect(categoryFault([{ category: 'ice', names: { en: 'Ice', zh: '' } }, { category: 'ice', names: { en: 'Ice', zh: '' } }], 1, [])).toBe('taken');
    expect(policyBody({ ownCategories: [{ category: 'ice', names: { en: ' Ice ', zh: '' } }], deadlines: { gone: DEADLINES_DEFAULT, ice: DEADLINES_DEFAULT, '*': DEADLINES_DEFAULT } }, above.ownCategories)).toEqual({ ownCategories: [{ category: 'ice', names: { en: 'Ice', zh: 'Ice' } }], deadlines: { ice: DEADLINES_DEFAULT, '*': DEADLINES_DEFAULT } });
  });
});

test('each address of these pages names one page', () => {
  expect([['/setup/units'], ['/setup/units/u1'], ['/setup/units/new'], ['/setup/units/new/u1'], ['/setup/units/import'], ['/setup/units/changes'], ['/setup/units/u1/people'], ['/setup/units/u1/policy'], ['/setup/sites/s1/playbooks']].map(([path]) => setupPageOf(path!))).toEqual([
    { page: 'units', unitId: null }, { page: 'units', unitId: 'u1' }, { page: 'addUnit', parentId: null }, { page: 'addUnit', parentId: 'u1' }, { page: 'importUnits' }, { page: 'unitChanges' }, { page: 'unitPeople', unitId: 'u1' }, { page: 'unitPolicy', unitId: 'u1' }, { page: 'playbooks', siteId: 's1' }]);
  for (const nonsense of ['/setup/units/u1/other', '/setup/units/u1/people/x', '/setup/units/new/u1/x', '/setup/sites/s1/playbooks/x']) expect(setupPageOf(nonsense)).toEqual({ page: 'unknown' });
});

test('every sentence has its figures in both languages', () => {
  const marks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).toSorted();
  const walk = (en: unknown, zh: unknown, path: string): void => {
    if (typeof en === 'string') { expect(marks(zh as string), path).toEqual(marks(en)); return; }
    for (const key of Object.keys(en as object)) walk((en as Record<string, unknown>)[key], (zh as Record<string, unknown>)[key], `${path}.${key}`);
  };
  walk(wordsEn, wordsZh, 'org');
});
