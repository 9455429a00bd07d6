// Forms made from the schemas of the kinds, and the words of a camera test.
import { expect, test } from 'vitest';
import { loadRuleKinds, loadSensorKinds } from '../../config/kinds.ts';
import { answersOfSettings, formFaults, formFields, settingsOfAnswers } from '../../web/setup/form/formFields.ts';
import { clockWords, codecName, spanOf } from '../../web/setup/cameras/testWords.ts';
import { setupPageOf } from '../../web/setup/setupPageOf.ts';
import { draftStep } from '../../web/setup/useDraft.ts';
import { wordsEn } from '../../web/setup/words.en.ts';
import { wordsZh } from '../../web/setup/words.zh.ts';

// As it travels: what is not JSON in a schema does not reach the page.
const overTheWire = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema));

test('every setting of every sensor kind becomes a field, with a title in both languages', async () => {
  for (const [name, kind] of await loadSensorKinds()) {
    const schema = overTheWire(kind.settings) as { properties: Record<string, unknown> };
    const en = formFields(schema, 'en'), zh = formFields(schema, 'zh');
    expect(en.map(({ key }) => key), name).toEqual(Object.keys(schema.properties));
    for (const field of zh) expect(field.title, `${name}.${field.key}`).toMatch(/[\u4e00-\u9fff]/);
    for (const field of zh) if (field.description !== null) expect(field.description, `${name}.${field.key}`).toMatch(/[\u4e00-\u9fff]/);
  }
});

test('every setting of every rule becomes a field, in seconds and percent, with title, description and choices in both languages', async () => {
  for (const rule of await loadRuleKinds()) {
    const schema = overTheWire(rule.settings) as { properties: Record<string, unknown> };
    const zh = formFields(schema, 'zh');
    expect(zh.map(({ key }) => key), rule.name).toEqual(Object.keys(schema.properties));
    for (const field of zh) {
      const words = [field.title, ...(field.description === null ? [] : [field.description]), ...(field.asks === 'choice' ? field.choices.map(({ title }) => title) : [])];
      for (const word of words) expect(word, `${rule.name}.${field.key}`).toMatch(/[\u4e00-\u9fff]/);
    }
    expect(zh.some(({ unit }) => unit === 'ms' || unit === 'share')).toBe(false);
  }
});

test('the settings that a form makes of the examples of a kind are the examples', async () => {
  for (const [name, kind] of await loadSensorKinds()) {
    const fields = formFields(overTheWire(kind.settings), 'en');
    for (const { settings } of kind.examples.fits) {
      const answers = { ...answersOfSettings(fields, settings), ...Object.fromEntries(Object.entries(settings as Record<string, unknown>).filter(([, value]) => typeof value === 'string')) } as Record<string, string | boolean>;
      expect(formFaults(fields, answers), name).toEqual({});
      expect(settingsOfAnswers(fields, answers)).toMatchObject(settings as object);
    }
  }
});

const schema = {
  type: 'object', required: ['url', 'level'],
  properties: {
    url: { type: 'string', title: 'address', zh: '地址', minLength: 4, maxLength: 12, pattern: '^rtsp' },
    password: { type: 'string', title: 'password', secret: true },
    dwellMs: { type: 'number', title: 'raise after', unit: 'ms', default: 5000, minimum: 0, maximum: 600_000 },
    clearShare: { type: 'number', title: 'clear at', unit: 'share', default: 0.85, minimum: 0.2, maximum: 0.98 },
    tries: { anyOf: [{ type: 'integer', minimum: 1, title: 'tries' }, { type: 'null' }] },
    level: { enum: ['warning', 'danger'], title: 'from' },
    transport: { anyOf: [{ const: 'tcp', title: 'TCP' }, { const: 'udp' }], default: 'tcp', title: 'transport' },
    loop: { type: 'boolean', title: 'again', default: true },
    nested: { type: 'object', properties: {} },
  },
};
const fields = formFields(schema, 'en');

test('what no form can show is left out; the rest keeps its order, unit and default', () => {
  expect(fields.map(({ key, asks, unit, required }) => [key, asks, unit, required])).toEqual([
    ['url', 'text', null, true], ['password', 'secret', null, false], ['dwellMs', 'number', 's', false], ['clearShare', 'number', '%', false], ['tries', 'number', null, false],
    ['level', 'choice', null, true], ['transport', 'choice', null, false], ['loop', 'yesNo', null, false],
  ]);
  expect(fields.find(({ key }) => key === 'dwellMs')).toMatchObject({ defaultValue: 5, least: 0, most: 600 });
  expect(fields.find(({ key }) => key === 'clearShare')).toMatchObject({ defaultValue: 85, least: 20, most: 98 });
  expect(formFields(schema, 'zh')[0]!.title).toBe('地址');
  expect(formFields({ type: 'string' }, 'en')).toEqual([]);
  expect(formFields(null, 'en')).toEqual([]);
});

test('each fault stands at its field with its figure', () => {
  const fault = (key: string, answer: string) => formFaults(fields, { url: 'rtsp://a', level: 'danger', [key]: answer })[key] ?? null;
  expect(fault('url', '')).toEqual({ code: 'required', values: {} });
  expect(fault('url', 'rts')).toEqual({ code: 'tooShort', values: { least: 4 } });
  expect(fault('url', 'rtsp://much-too-long')).toEqual({ code: 'tooLong', values: { most: 12 } });
  expect(fault('url', 'http://a')).toEqual({ code: 'doesNotFit', values: {} });
  expect(fault('dwellMs', 'soon')).toEqual({ code: 'notANumber', values: {} });
  expect(fault('dwellMs', '601')).toEqual({ code: 'tooLarge', values: { most: 600 } });
  expect(fault('clearShare', '10')).toEqual({ code: 'tooSmall', values: { least: 20 } });
  expect(fault('tries', '1,5')).toEqual({ code: 'notWhole', values: {} });
  expect(fault('tries', '')).toBeNull();
  expect(fault('level', 'calm')).toEqual({ code: 'doesNotFit', values: {} });
  expect(formFaults(fields, { url: '' }, new Set(['url', 'level']))).toEqual({});
});

test('empty fields are left out of what is sent; seconds and percent become what the setting is in', () => {
  expect(settingsOfAnswers(fields, { url: ' rtsp://a ', password: '', dwellMs: '2,5', clearShare: '85', transport: 'udp', level: '', loop: false }))
    .toEqual({ url: 'rtsp://a', dwellMs: 2500, clearShare: 0.85, transport: 'udp', loop: false });
});

test('a secret never comes back into a form', () => {
  expect(answersOfSettings(fields, { url: 'rtsp://a', password: 'hidden', dwellMs: 1500 })).toMatchObject({ url: 'rtsp://a', password: '', dwellMs: '1.5', transport: 'tcp', loop: true });
});

test('the clock of a camera in words', () => {
  expect(clockWords(null)).toEqual({ key: 'none', span: '' });
  expect(clockWords(180)).toEqual({ key: 'agrees', span: '0.2 s' });
  expect(clockWords(3_600_000)).toEqual({ key: 'ahead', span: '1 h 0 min' });
  expect(clockWords(-125_000)).toEqual({ key: 'behind', span: '2 min 5 s' });
  expect(spanOf(200_000_000)).toBe('2 d 7 h');
  expect([codecName('h264'), codecName('hevc'), codecName('theora')]).toEqual(['H.264', 'H.265', 'theora']);
});

test('each address of the setup pages names one page, and nonsense names none', () => {
  expect(setupPageOf('/setup')).toEqual({ page: 'manage' });
  expect(setupPageOf('/setup/')).toEqual({ page: 'manage' });
  expect(setupPageOf('/setup/sites/new')).toEqual({ page: 'addSite' });
  expect(setupPageOf('/setup/sites/s1')).toEqual({ page: 'site', siteId: 's1' });
  expect(setupPageOf('/setup/sites/s1/cameras/new')).toEqual({ page: 'addCamera', siteId: 's1' });
  expect(setupPageOf('/setup/sites/s1/zones/new')).toEqual({ page: 'addZone', siteId: 's1' });
  expect(setupPageOf('/setup/cameras/new')).toEqual({ page: 'addCamera', siteId: null });
  expect(setupPageOf('/setup/cameras/c1')).toEqual({ page: 'camera', sensorId: 'c1' });
  expect(setupPageOf('/setup/cameras/c1/place')).toEqual({ page: 'place', sensorId: 'c1' });
  expect(setupPageOf('/setup/zones/z1')).toEqual({ page: 'zone', zoneId: 'z1' });
  for (const nonsense of ['/setup/zones', '/setup/cameras/c1/place/x', '/setup/sites/s1/cameras', '/other', '']) expect(setupPageOf(nonsense)).toEqual({ page: 'unknown' });
});

test('a drag is one step back, however many moves it has; what was saved is not dirty', () => {
  let state = { now: 0, settled: 0, saved: 0, past: [] as number[] };
  for (let i = 1; i <= 5; i++) state = draftStep(state, { do: 'change', to: (now) => now + 1 });
  state = draftStep(state, { do: 'settle' });
  state = draftStep(draftStep(state, { do: 'change', to: () => 9 }), { do: 'settle' });
  expect(state.past).toEqual([0, 5]);
  expect((state = draftStep(state, { do: 'undo' })).now).toBe(5);
  expect((state = draftStep(state, { do: 'undo' })).now).toBe(0);
  expect(draftStep(state, { do: 'undo' })).toBe(state);
  for (let i = 0; i < 300; i++) state = draftStep(draftStep(state, { do: 'change', to: (now) => now + 1 }), { do: 'settle' });
  expect(state.past).toHaveLength(100);
  expect(draftStep(state, { do: 'saved' }).saved).toBe(state.now);
});

test('both languages fill the same figures into each sentence', () => {
  const places = (words: string) => [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
  const compare = (en: object, zh: object, path: string): void => {
    for (const [key, value] of Object.entries(en)) {
      const other = (zh as Record<string, unknown>)[key];
      if (typeof value === 'string') expect(places(String(other)), `${path}.${key}`).toEqual(places(value)); else compare(value as object, other as object, `${path}.${key}`);
    }
  };
  compare(wordsEn, wordsZh, 'setup');
});
