// The page of the wall: places left, map in the middle, alarms and the chosen thing's card right. On a phone: the map with a sheet of alarms.
import { useMantineColorScheme } from '@mantine/core';
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { AlarmPanel } from '../alarms/AlarmPanel.tsx';
import { askShelving, takeStep } from '../alarms/alarmSteps.ts';
import { useAcknowledge } from '../alarms/useAcknowledge.ts';
import { KeysHelp } from '../keys/KeysHelp.tsx';
import { useKeys } from '../keys/useKeys.ts';
import { usePage, useScreen } from '../live/LiveProvider.tsx';
import { MapView, type MapHandle } from '../map/MapView.tsx';
import { useKept } from '../parts/kept.ts';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { PlacesPanel } from '../places/PlacesPanel.tsx';
import type { AlarmSound } from '../sound/alarmSound.ts';
import { DeskContext, type Chosen, type Desk, type Target } from './chosen.ts';
import { FirstSteps } from './FirstSteps.tsx';
import { SidePanel } from './SidePanel.tsx';
import { targetOfAlarm } from './targetOf.ts';

/** Below this the panels are sheets over and under the map; app.css has the same number. */
const NARROW = '(max-width: 760px)';

export function MapPage({ sound }: { sound: AlarmSound }) {
  const { t } = useTranslation();
  const { store, connection } = usePage();
  const overview = useScreen((screen) => screen.overview);
  const [chosen, setChosen] = useState<Chosen>(null);
  const [helpShown, setHelpShown] = useState(false);
  const narrow = useNarrow();
  // On a phone the places lie over the map: how they were left on a desk says nothing there.
  const [leftFoldedWide, setLeftFoldedWide] = useKept('leftFolded', false);
  const [leftFoldedNarrow, setLeftFoldedNarrow] = useState(true);
  const [leftFolded, setLeftFolded] = narrow ? [leftFoldedNarrow, setLeftFoldedNarrow] : [leftFoldedWide, setLeftFoldedWide];
  const [rightFolded, setRightFolded] = useKept('rightFolded', false);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const map = useRef<MapHandle | null>(null);
  const search = useRef<HTMLInputElement | null>(null);
  const acknowledge = useAcknowledge();
  const show = useCallback((target: Target | null) => { if (target !== null) map.current?.show(target); }, []);
  const choose = useCallback((next: Chosen) => { setChosen(next); if (next !== null) setLeftFoldedNarrow(true); }, []);
  const desk: Desk = useMemo(() => ({ chosen, choose, show }), [chosen, choose, show]);

  const step = (by: 1 | -1) => {
    const { alarms } = store.screen();
    if (alarms.length === 0) return;
    const at = chosen?.kind === 'alarm' ? alarms.findIndex(({ alarmId }) => alarmId === chosen.alarmId) : -1;
    const alarm = alarms[at === -1 ? 0 : Math.max(0, Math.min(alarms.length - 1, at + by))]!;
    setRightFolded(false);
    choose({ kind: 'alarm', alarmId: alarm.alarmId });
  };
  const chosenAlarm = () => (chosen?.kind === 'alarm' ? store.alarmOf(chosen.alarmId) : null);
  useKeys({
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    a: () => { const alarm = chosenAlarm(); if (alarm !== null) void acknowledge.send(alarm.alarmId); },
    s: () => { const alarm = chosenAlarm(); if (alarm !== null && alarm.shelved === null && !alarm.exercise && alarm.state !== 'closed' && alarm.state !== 'cleared') { setRightFolded(false); askShelving(alarm.alarmId); } },
    u: () => { const alarm = chosenAlarm(); if (alarm !== null && alarm.shelved !== null) void takeStep(alarm.alarmId, 'unshelve'); },
    f: () => { const alarm = chosenAlarm(); if (alarm !== null) show(targetOfAlarm(alarm, store.screen().sites)); },
    '/': () => { setLeftFolded(false); requestAnimationFrame(() => search.current?.focus()); },
    '?': () => setHelpShown(true), m: () => sound.toggle(), h: () => map.current?.fitAll(), Escape: () => choose(null),
    '[': () => setLeftFolded(!leftFolded), ']': () => setRightFolded(!rightFolded),
    t: () => setColorScheme((colorScheme === 'auto' ? document.documentElement.dataset.mantineColorScheme : colorScheme) === 'dark' ? 'light' : 'dark'),
  });

  return (
    <DeskContext value={desk}>
      <div className="map-page">
        <SidePanel side="left" label={t('site.panel')} title={t('panel.left')} folded={leftFolded} onFold={setLeftFolded} widthFirst={304}>
          <PlacesPanel searchRef={search} />
        </SidePanel>
        <main className="map-column">
          <MapView ref={map} onKeys={() => setHelpShown(true)} />
          <FirstSteps />
          {overview.state === 'loading' && <div className="map-state" role="status"><strong>{t('state.loading')}</strong> {t('state.loadingLong')}</div>}
          {overview.state === 'broken' && <div className="map-state"><strong>{t('state.broken')}</strong><ProblemBox note={overview.problem} alert /><button type="button" className="plain" onClick={() => connection.refetch()}>{t('state.again')}</button></div>}
        </main>
        <SidePanel side="right" label={t('alarms.title')} title={t('panel.right')} folded={rightFolded} onFold={setRightFolded} widthFirst={464}>
          <AlarmPanel acknowledge={acknowledge} />
        </SidePanel>
      </div>
      <KeysHelp opened={helpShown} onClose={() => setHelpShown(false)} />
    </DeskContext>
  );
}

function useNarrow(): boolean {
  return useSyncExternalStore((listener) => { const query = matchMedia(NARROW); query.addEventListener('change', listener); return () => query.removeEventListener('change', listener); }, () => matchMedia(NARROW).matches);
}
