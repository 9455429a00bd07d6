// CAP 1.2: every alert that can leave is valid by the structure of the standard, says whether it is real, and refers to what came before. Rules CP of docs/SPEC.md.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATEGORIES, INCIDENT_FACTS, INCIDENT_STEPS, SEVERITIES } from '../../contract/incident.ts';
import type { OutgoingMessage } from '../../contract/notice.ts';
import { channelNetwork } from '../../config/network.ts';
import kind from '../../worker/channels/cap.ts';
import { onPath } from '../support/tools.ts';
import { factsForTest, lineForTest, messageForTest } from './messages.ts';

const XSD = join(import.meta.dirname, 'cap-1.2.xsd');
const SETTINGS = { sender: 'crowd@city.example', senderName: 'City & County <centre>', feed: true };

async function alertOf(message: OutgoingMessage, settings: Record<string, unknown> = SETTINGS): Promise<string> {
  const kept: string[] = [];
  const result = await kind.send(message, { channelId: 'c1', settings: settings as never, signal: new AbortController().signal, publicAddress: 'https://crowd.example', key: null, network: channelNetwork([]), toScreens: async () => {}, toFeed: async ({ body }) => { kept.push(body); } });
  expect(result).toMatchObject({ outcome: 'sent' });
  return kept[0]!;
}
/** Many at once: one process of xmllint. Null when all are valid. */
function faultsOf(alerts: string[]): string | null {
  for (const xml of alerts) {
    const linted = spawnSync(onPath('xmllint')!, ['--noout', '--nonet', '--schema', XSD, '-'], { input: xml, encoding: 'utf8' });
    if (linted.status !== 0) return `${linted.stderr.slice(0, 1000)}\n${xml}`;
  }
  return null;
}
const field = (xml: string, name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

describe('CAP', () => {
  test('CP1 is valid, with the polygon closed and latitude first, in both languages', async () => {
    const xml = await alertOf(messageForTest({ kind: 'incident' }));
    expect(faultsOf([xml])).toBeNull();
    expect(field(xml, 'polygon')).toBe('31.230000,121.470000 31.230000,121.471000 31.231000,121.471000 31.231000,121.470000 31.230000,121.470000');
    expect([...xml.matchAll(/<language>([^<]*)</g)].map((match) => match[1])).toEqual(['en-US', 'zh-CN']);
    expect([field(xml, 'status'), field(xml, 'msgType'), field(xml, 'scope'), field(xml, 'sent'), field(xml, 'severity'), field(xml, 'urgency'), field(xml, 'category')]).toEqual(['Exercise', 'Alert', 'Restricted', '2026-11-22T06:04:00-00:00', 'Extreme', 'Immediate', 'Safety']);
    expect(xml).toContain('City &#38; County &#60;centre&#62;');
    expect(field(xml, 'note')).toMatch(/^EXERCISE/);
    const circle = await alertOf(messageForTest({ kind: 'incident', exercise: false, incident: factsForTest({ polygon: null }) }), { ...SETTINGS, scope: 'Public' });
    expect(faultsOf([circle])).toBeNull();
    expect([field(circle, 'circle'), field(circle, 'status'), field(circle, 'note'), field(circle, 'restriction')]).toEqual(['31.230000,121.470000 0.1', 'Actual', undefined, undefined]);
  });

  test('CP2 the first is an Alert, later ones are Updates of all before, the last is a Cancel, and what is re-opened begins anew', async () => {
    const earlier = [{ messageId: 'i1.1.incident.c1', atMs: Date.UTC(2026, 10, 22, 6, 0, 0) }, { messageId: 'i1.2.incident.c1', atMs: Date.UTC(2026, 10, 22, 6, 1, 0) }];
    const references = 'crowd@city.example,i1.1.incident.c1,2026-11-22T06:00:00-00:00 crowd@city.example,i1.2.incident.c1,2026-11-22T06:01:00-00:00';
    const update = await alertOf(messageForTest({ kind: 'incident', messageId: 'i1.3.incident.c1', incident: factsForTest({ earlier }) }));
    const cancel = await alertOf(messageForTest({ kind: 'incident', messageId: 'i1.9.incident.c1', incident: factsForTest({ earlier, over: true, line: lineForTest({ step: 'closed' }) }) }));
    const anew = await alertOf(messageForTest({ kind: 'incident', incident: factsForTest({ what: 'reopened', earlier: [] }) }));
    expect([field(update, 'msgType'), field(update, 'references'), field(cancel, 'msgType'), field(cancel, 'references'), field(cancel, 'urgency'), field(cancel, 'responseType'), field(anew, 'msgType'), field(anew, 'references')]).toEqual(['Update', references, 'Cancel', references, 'Past', 'AllClear', 'Alert', undefined]);
    expect(faultsOf([update, cancel, anew])).toBeNull();
  });

  test('CP3 what names hold cannot break it: any words, anywhere, are valid and read back', { timeout: 60_000 }, async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
    console.log(`seed ${seed}`);
    const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom(']]>', '<!ENTITY x SYSTEM "file:///etc/passwd">&x;', '\u0000\u0008\ufffe', '\ud800', '</alert>', '"\'&amp;'));
    const alerts: string[] = [];
    await fc.assert(fc.asyncProperty(words, words, words, fc.constantFrom(...CATEGORIES, 'ownOne'), fc.constantFrom(...SEVERITIES), fc.constantFrom(...INCIDENT_FACTS), fc.constantFrom(...INCIDENT_STEPS), fc.boolean(), async (title, body, name, category, severity, what, step, exercise) => {
      alerts.push(await alertOf(messageForTest({
        kind: 'incident', exercise, words: { en: { title, body }, zh: { title: body.slice(0, 300), body: title } }, incident: factsForTest({ what, over: step === 'closed', areaNames: { en: name, zh: name }, line: lineForTest({ category, severity, step }) }),
        action: { exercise, incidentId: 'i1', actionId: 'a1', kind: 'announcement', payload: name },
      })));
    }), { seed, numRuns: 150 });
    expect(faultsOf(alerts)).toBeNull();
  });

  test('CP4 the structure it is held against refuses what the standard refuses', async () => {
    const xml = await alertOf(messageForTest({ kind: 'incident' }));
    const wrongs: [string, string][] = [['<status>Exercise</status>', '<status>Drill</status>'], ['-00:00</sent>', 'Z</sent>'], ['<msgType>Alert</msgType>', ''], ['<urgency>Immediate</urgency>', '<urgency>Now</urgency>'], ['31.231000,121.470000 31.230000,121.470000</polygon>', '</polygon>'], ['<category>Safety</category>', '<category>Crowd</category>'], ['<sender>crowd@city.example', '<sender>crowd at city'], ['<scope>Restricted</scope>', '<scope>Restricted</scope><scope>Public</scope>']];
    for (const [right, wrong] of wrongs) { expect(xml).toContain(right); expect([wrong, faultsOf([xml.replace(right, wrong)]) !== null]).toEqual([wrong, true]); }
  });

  test('CP5 a single person is never told by it, and a test is marked as one and kept out of the feed', async () => {
    const sending = { channelId: 'c1', settings: SETTINGS, signal: new AbortController().signal, publicAddress: '', key: null, network: channelNetwork([]), toScreens: async () => {}, toFeed: async () => { throw new Error('kept'); } };
    expect(await kind.send(messageForTest({ incident: null }), sending)).toMatchObject({ outcome: 'refused' });
    expect(await kind.send(messageForTest({ kind: 'test', exercise: false, incident: null, incidentId: null }), sending)).toMatchObject({ outcome: 'sent' });
  });
});
