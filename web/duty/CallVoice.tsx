// A new call for this person: said on the screen and aloud, with a sound and, on a phone, by shaking. Each call once.
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Actor, IncidentLine } from '../../contract/incident.ts';
import { LEVEL_OF_SEVERITY } from '../incidents/Marks.tsx';
import { placeWords } from '../incidents/placeWords.ts';
import { useCategoryName } from '../incidents/useCategories.ts';
import { usePage } from '../live/LiveProvider.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { hrefOf, pagePaths } from '../route.ts';
import { alarmSound } from '../sound/alarmSound.ts';
import { useNewest } from '../parts/useNewest.ts';

/** One for the whole page: a browser gives few of them. */
let sound: ReturnType<typeof alarmSound> | null = null;
const SHAKE_MS = [300, 120, 300, 120, 600];

export function CallVoice({ who, calls, isKnown }: { who: Actor; calls: readonly IncidentLine[]; /** The server has said once what was asked before. */ isKnown: boolean }) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const { store } = usePage();
  const category = useCategoryName();
  const [said, setSaid] = useState<{ words: string; incidentId: string | null } | null>(null);
  const known = useRef<Set<string> | null>(null);
  const { memberId } = who;
  const asked = useMemo(() => calls.filter((line) => line.people.some((person) => person.memberId === memberId && person.state === 'asked')), [calls, memberId]);
  const voice = useMemo(() => (sound ??= alarmSound()), []);
  const say = useNewest((words: string, incidentId: string | null, level: Parameters<typeof voice.play>[0][number]) => {
    setSaid({ words, incidentId });
    voice.play([level]);
    try { navigator.vibrate?.(SHAKE_MS); } catch { /* not every browser shakes */ }
  });
  useEffect(() => {
    // What was asked before this page began is shown, not called out.
    if (!isKnown) return;
    const before = known.current;
    known.current = new Set(asked.map(({ incidentId }) => incidentId));
    if (before === null) return;
    const fresh = asked.find(({ incidentId }) => !before.has(incidentId));
    if (fresh !== undefined) say.current(t('phone.newCall', { what: fresh.title === '' ? category(fresh.category, fresh.placeUnitId) : fresh.title, where: placeWords(fresh) }), fresh.incidentId, LEVEL_OF_SEVERITY[fresh.severity]);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- words of the moment of the call
  }, [asked, isKnown]);
  useEffect(() => store.onNotice((notice) => {
    // A call is told by its line above; everything else that is for me, or for all, by its notice.
    if (notice.kind === 'asked' || (notice.memberId !== null && notice.memberId !== memberId)) return;
    say.current(`${notice.words[language].title} ${notice.words[language].body}`.trim(), notice.incidentId, notice.kind === 'helpNeeded' || notice.kind === 'urged' ? 'danger' : 'notice');
  }), [store, memberId, language, say]);
  return (
    <div role="alert" className={said === null ? 'hidden-text' : 'du-toast'}>
      {said !== null && <>{said.incidentId === null ? said.words : <a href={hrefOf(pagePaths.dutyOf(said.incidentId))} onClick={() => setSaid(null)}>{said.words}</a>} <button type="button" aria-label={t('page.close')} onClick={() => setSaid(null)}>×</button></>}
    </div>
  );
}
