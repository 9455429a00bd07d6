// The shell: head, the banner that nobody may overlook, then the page that the address names.
import './app.css';
import { Suspense, lazy, useMemo, type ComponentType, type LazyExoticComponent } from 'react';
import { useTranslation } from 'react-i18next';
import { usePage } from './live/LiveProvider.tsx';
import { MapPage } from './shell/MapPage.tsx';
import { Head } from './shell/Head.tsx';
import { JudgedBanner } from './shell/JudgedBanner.tsx';
import { NewAlarmVoice } from './alarms/NewAlarmVoice.tsx';
import { useRoute } from './route.ts';
import { alarmSound } from './sound/alarmSound.ts';

const SetupRoutes = lazy(() => import('./setup/SetupRoutes.tsx'));
/** Pages beside the map, by the first part of the address; each reads the rest of it itself. */
const PAGES: Record<string, LazyExoticComponent<ComponentType>> = {
  incidents: lazy(() => import('./incidents/IncidentsPage.tsx')),
  incident: lazy(() => import('./incidents/IncidentPage.tsx')),
  duty: lazy(() => import('./duty/DutyPage.tsx')),
  board: lazy(() => import('./board/BoardPage.tsx')),
  statistics: lazy(() => import('./statistics/StatisticsPage.tsx')),
  load: lazy(() => import('./load/LoadPage.tsx')),
  whatif: lazy(() => import('./load/WhatIfPage.tsx')),
};
function pageOf(route: string): LazyExoticComponent<ComponentType> | null {
  const [first = '', second] = route.slice(1).split('/');
  return PAGES[first === 'incidents' && second !== undefined && second !== '' ? 'incident' : first] ?? null;
}

export function App() {
  const { t } = useTranslation();
  const { store } = usePage();
  const route = useRoute();
  const Page = pageOf(route);
  const sound = useMemo(() => alarmSound(), []);
  return (
    <div className="shell">
      {/* Only the map has alarms to go to. */}
      {!route.startsWith('/setup') && Page === null && <a className="skip" href="#alarms" onClick={(event) => { event.preventDefault(); document.getElementById('alarms')?.focus(); }}>{t('app.skip')}</a>}
      <Head sound={sound} route={route} />
      <JudgedBanner />
      <NewAlarmVoice sound={sound} />
      {route.startsWith('/setup')
        ? <div className="setup-page"><Suspense fallback={<p className="notice-text">{t('state.loading')}</p>}><SetupRoutes store={store} /></Suspense></div>
        : Page !== null ? <div className="other-page"><Suspense fallback={<p className="notice-text">{t('state.loading')}</p>}><Page /></Suspense></div>
        : <MapPage sound={sound} />}
    </div>
  );
}
