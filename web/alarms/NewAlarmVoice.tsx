// New alarms for ear and screen reader: a sound by level, and words (assertive for critical). Bursts are one sentence.
import { useEffect, useState } from 'react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../contract/alarm.ts';
import { levelRank } from '../../contract/level.ts';
import { usePage } from '../live/LiveProvider.tsx';
import { useNewest } from '../parts/useNewest.ts';
import type { AlarmSound } from '../sound/alarmSound.ts';

export function NewAlarmVoice({ sound }: { sound: AlarmSound }) {
  const { t } = useTranslation();
  const { store } = usePage();
  const words = useNewest(t);
  const [polite, setPolite] = useState(''), [assertive, setAssertive] = useState('');
  useEffect(() => {
    let saidAtMs = 0;
    return store.onNewAlarms((alarms) => {
      sound.play(alarms.map((alarm) => alarm.level));
      const nowMs = Date.now();
      const worst = alarms.reduce((a, b) => (levelRank(b.level) > levelRank(a.level) || (levelRank(b.level) === levelRank(a.level) && a.exercise && !b.exercise) ? b : a));
      // Nobody can listen to four sentences a second: at most one in two seconds, but a critical one is never held back.
      if (nowMs - saidAtMs < 2000 && worst.level !== 'critical') return;
      saidAtMs = nowMs;
      (worst.level === 'critical' ? setAssertive : setPolite)(sentence(words.current, alarms, worst));
    });
  }, [store, sound, words]);
  return <><div className="hidden-text" aria-live="polite" data-voice="polite">{polite}</div><div className="hidden-text" aria-live="assertive" data-voice="assertive">{assertive}</div></>;
}

function sentence(t: TFunction<'page'>, alarms: Alarm[], worst: Alarm): string {
  const level = t(`level.${worst.level}`);
  // One alarm that nobody has answered yet is another sentence than a new one.
  const said = alarms.length > 1 ? t('alarms.many', { count: alarms.length, level, place: worst.placeName }) : t(worst.repeats > 0 ? 'alarms.again' : 'alarms.new', { level, place: worst.placeName, site: worst.siteName });
  return worst.exercise ? t('alarms.exercise', { sentence: said }) : said;
}
