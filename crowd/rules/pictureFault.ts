// A camera that sends pictures nobody can count from: covered, moved, dark. Its ground is blind, and that is an alarm of its own, with what it is.
import Type from 'typebox';
import type { PictureFault } from '../../contract/sight.ts';
import { strictObject } from '../../contract/schema.ts';
import { because, type SensorRule } from './ruleKind.ts';

const Settings = strictObject({
  enabled: Type.Boolean({ title: 'watch the picture', default: true, zh: '监测画面' }),
  raiseAfterMs: Type.Number({ title: 'raise after', description: 'How long the picture must be unusable. Its zones are shown as blind sooner.', unit: 'ms', default: 5000, minimum: 0, maximum: 3_600_000, zh: '画面异常多久后报警', descriptionZh: '画面须异常多久。其区域会更早显示为盲区。' }),
  backForMs: Type.Number({ title: 'close after', description: 'How long the picture must be good again before the alarm closes.', unit: 'ms', default: 5000, minimum: 0, maximum: 3_600_000, zh: '恢复多久后关闭', descriptionZh: '画面须恢复正常多久,报警才会关闭。' }),
});
type Settings = Type.Static<typeof Settings>;
/** `fault` from the raising until the picture has been good for long enough. */
type Own = { fault: PictureFault | null; goodSinceMs: number | null };

const pictureFault: SensorRule<Settings, Own> = {
  name: 'pictureFault',
  place: 'sensor',
  title: { en: 'Camera blind', zh: '摄像机失明' },
  settings: Settings,
  because: {
    en: {
      moved: 'The camera no longer looks where it was placed. Its part of the map is blind until the view is back, is confirmed, or is placed again.',
      frozen: 'The picture stands still although the camera goes on sending. Its part of the map is blind.',
      dark: 'The picture is too dark to count. Its part of the map is blind.',
      overexposed: 'The picture is overexposed. Its part of the map is blind.',
      covered: 'The camera is covered. Its part of the map is blind.',
      blurred: 'The picture is out of focus. Its part of the map is blind.',
      fogged: 'Fog, rain or dirt hides the picture. Its part of the map is blind.',
      back: 'The picture can be counted from again.',
    },
    zh: {
      moved: '摄像机已不再对准标定时的视野,在视野恢复、确认或重新标定之前,其覆盖区域无法判断。',
      frozen: '摄像机仍在发送,但画面静止不动,其覆盖区域无法判断。',
      dark: '画面过暗,无法计数,其覆盖区域无法判断。',
      overexposed: '画面过度曝光,其覆盖区域无法判断。',
      covered: '摄像机被遮挡,其覆盖区域无法判断。',
      blurred: '画面失焦,其覆盖区域无法判断。',
      fogged: '雾、雨或污渍遮蔽了画面,其覆盖区域无法判断。',
      back: '画面已可重新计数。',
    },
  },
  firstMemory: { fault: null, goodSinceMs: null },
  judge({ place: { fault, faultForMs, silentForMs, staleAfterMs }, settings, instantMs, memory }) {
    // A camera that fell silent says nothing new of its picture: the alarm stays as it is.
    if (silentForMs > staleAfterMs) return { memory, level: memory.fault === null ? 'calm' : 'warning', wish: null };
    let next = memory;
    if (fault !== null) {
      if (memory.fault !== null || faultForMs >= settings.raiseAfterMs) { if (memory.fault !== fault || memory.goodSinceMs !== null) next = { fault, goodSinceMs: null }; }
    } else if (memory.fault !== null) {
      const goodSinceMs = memory.goodSinceMs ?? instantMs;
      if (instantMs - goodSinceMs >= settings.backForMs) next = { fault: null, goodSinceMs: null };
      else if (goodSinceMs !== memory.goodSinceMs) next = { fault: memory.fault, goodSinceMs };
    }
    const wrong = next.fault !== null && fault !== null;
    return {
      memory: next, level: wrong ? 'warning' : 'calm',
      wish: { level: wrong ? 'warning' : null, because: because(wrong ? fault : 'back', {}), easeHoldMs: settings.backForMs },
    };
  },
  refused: [{ raiseAfterMs: -1 }, { backForMs: -1 }, { raiseAfterMs: null }, { fault: 'dark' }],
  examples: [
    {
      says: 'raises after five seconds of a covered lens and eases when the picture is good again', settings: {},
      steps: [
        { atMs: 0, everHeard: true, silentForMs: 400, fault: null, faultForMs: 0, level: 'calm', alarm: null },
        { atMs: 1000, everHeard: true, silentForMs: 400, fault: 'covered', faultForMs: 0, level: 'calm', alarm: null },
        { atMs: 6000, everHeard: true, silentForMs: 400, fault: 'covered', faultForMs: 5000, level: 'warning', alarm: 'warning' },
        { atMs: 7000, everHeard: true, silentForMs: 400, fault: null, faultForMs: 0, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'another fault goes on where the first one was', settings: {},
      steps: [
        { atMs: 0, everHeard: true, silentForMs: 0, fault: 'moved', faultForMs: 6000, level: 'warning', alarm: 'warning' },
        { atMs: 1000, everHeard: true, silentForMs: 0, fault: 'dark', faultForMs: 7000, level: 'warning', alarm: 'warning' },
      ],
    },
    {
      says: 'a moment of good picture does not forget it: raised at once, not after five seconds more', settings: {},
      steps: [
        { atMs: 0, everHeard: true, silentForMs: 0, fault: 'fogged', faultForMs: 5000, level: 'warning', alarm: 'warning' },
        { atMs: 2000, everHeard: true, silentForMs: 0, fault: null, faultForMs: 0, level: 'calm', alarm: null },
        { atMs: 4000, everHeard: true, silentForMs: 0, fault: 'fogged', faultForMs: 0, level: 'warning', alarm: 'warning' },
        { atMs: 5000, everHeard: true, silentForMs: 0, fault: null, faultForMs: 0, level: 'calm', alarm: null },
        { atMs: 10_000, everHeard: true, silentForMs: 0, fault: null, faultForMs: 0, level: 'calm', alarm: null },
        { atMs: 11_000, everHeard: true, silentForMs: 0, fault: 'fogged', faultForMs: 0, level: 'calm', alarm: null },
      ],
    },
    {
      says: 'the default of its raising is a setting', settings: { raiseAfterMs: 60_000 },
      steps: [
        { atMs: 0, everHeard: true, silentForMs: 0, fault: 'dark', faultForMs: 59_000, level: 'calm', alarm: null },
        { atMs: 1000, everHeard: true, silentForMs: 0, fault: 'dark', faultForMs: 60_000, level: 'warning', alarm: 'warning' },
      ],
    },
  ],
};
export default pictureFault;
