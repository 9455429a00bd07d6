// A camera that is placed and switched on and sends nothing: its ground is blind, and that is an alarm of its own.
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';
import { because, type SensorRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch for silence', default: true, zh: '监测失联' }),
  raiseAfterMs: Type.Number({ title: 'raise after', description: 'How long a camera must be silent. Its zones are shown as blind sooner.', unit: 'ms', default: 10_000, minimum: 1000, maximum: 3_600_000, zh: '失联多久后报警', descriptionZh: '摄像机须失联多久。其区域会更早显示为盲区。' }),
  backForMs: Type.Number({ title: 'close after', description: 'How long it must be back before the alarm closes.', unit: 'ms', default: 5000, minimum: 0, maximum: 3_600_000, zh: '恢复多久后关闭', descriptionZh: '须恢复多久,报警才会关闭。' }),
});
type Settings = Type.Static<typeof Settings>;
/** `silent` from the raising until it has been back for long enough. */
type Own = { silent: boolean; backSinceMs: number | null };

const sensorSilent: SensorRule<Settings, Own> = {
  name: 'sensorSilent',
  place: 'sensor',
  title: { en: 'Camera silent', zh: '摄像机失联' },
  settings: Settings,
  because: {
    en: {
      silent: 'No picture for {silentMs}. Its part of the map is blind.',
      neverHeard: 'No picture since it was set up {silentMs} ago. Its part of the map is blind.',
      back: 'Pictures are back.',
    },
    zh: {
      silent: '已 {silentMs}没有画面,其覆盖区域无法判断。',
      neverHeard: '设置后 {silentMs}内一直没有画面,其覆盖区域无法判断。',
      back: '画面已恢复。',
    },
  },
  firstMemory: { silent: false, backSinceMs: null },
  judge({ place: { everHeard, silentForMs, staleAfterMs }, settings, instantMs, memory }) {
    const back = everHeard && silentForMs <= staleAfterMs;
    let next = memory;
    if (!memory.silent) {
      if (silentForMs >= settings.raiseAfterMs && !back) next = { silent: true, backSinceMs: null };
    } else if (!back) {
      if (memory.backSinceMs !== null) next = { silent: true, backSinceMs: null };
    } else {
      const backSinceMs = memory.backSinceMs ?? instantMs;
      if (instantMs - backSinceMs >= settings.backForMs) next = { silent: false, backSinceMs: null };
      else if (backSinceMs !== memory.backSinceMs) next = { silent: true, backSinceMs };
    }
    const wrong = next.silent && !back;
    return {
      memory: next, level: wrong ? 'warning' : 'calm',
      wish: {
        level: wrong ? 'warning' : null,
        because: wrong ? because(everHeard ? 'silent' : 'neverHeard', { silentMs: silentForMs }) : because('back', { silentMs: silentForMs }),
        easeHoldMs: settings.backForMs,
      },
    };
  },
  refused: [{ raiseAfterMs: 0 }, { backForMs: -1 }, { raiseAfterMs: null }, { after: 3 }],
  examples: [
    {
      says: 'raises after ten seconds of silence and eases when pictures are back', settings: {},
      steps: [
        { atMs: 0, everHeard: true, silentForMs: 400, level: 'calm', alarm: null },
        { atMs: 9000, everHeard: true, silentForMs: 9000, level: 'calm', alarm: null },
        { atMs: 10_000, everHeard: true, silentForMs: 10_000, level: 'warning', alarm: 'warning' },
        { atMs: 11_000, everHeard: true, silentForMs: 0, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'silent again while it eases: raised at once, not after ten seconds more', settings: {},
      steps: [
        { atMs: 0, everHeard: true, silentForMs: 12_000, level: 'warning', alarm: 'warning' },
        { atMs: 1000, everHeard: true, silentForMs: 100, level: 'calm', alarm: null },
        { atMs: 5000, everHeard: true, silentForMs: 5100, level: 'warning', alarm: 'warning' },
      ],
    },
    {
      says: 'after a dwell of pictures it is forgotten', settings: {},
      steps: [
        { atMs: 0, everHeard: true, silentForMs: 12_000, level: 'warning', alarm: 'warning' },
        { atMs: 1000, everHeard: true, silentForMs: 100, level: 'calm', alarm: null },
        { atMs: 6000, everHeard: true, silentForMs: 100, level: 'calm', alarm: null },
        { atMs: 12_000, everHeard: true, silentForMs: 6000, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'one that never sent anything is silent too', settings: {},
      steps: [
        { atMs: 0, everHeard: false, silentForMs: 0, level: 'calm', alarm: null },
        { atMs: 10_000, everHeard: false, silentForMs: 10_000, level: 'warning', alarm: 'warning' },
      ],
    },
  ],
};
export default sensorSilent;
