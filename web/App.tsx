// The shell: head, the banner that nobody may overlook, then the page that the address names.
import './app.css';
import { Suspense, lazy, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { usePage } from './live/LiveProvider.tsx';
import { MapPage } from './shell/MapPage.tsx';
import { Head } from './shell/Head.tsx';
import { JudgedBanner } from './shell/JudgedBanner.tsx';
import { NewAlarmVoice } from './alarms/NewAlarmVoice.tsx';
import { useRoute } from './route.ts';
import { alarmSound } from './sound/alarmSound.ts';

const SetupRoutes = lazy(() => import('./setup/SetupRoutes.tsx'));

export function App() {
  const { t } = useTranslation();
  const { store } = usePage();
  const route = useRoute();
  const sound = useMemo(() => alarmSound(), []);
  return (
    <div className="shell">
      {/* The setup pages have no alarms to go to. */}
      {!route.startsWith('/setup') && <a className="skip" href="#alarms" onClick={(event) => { event.preventDefault(); document.getElementById('alarms')?.focus(); }}>{t('app.skip')}</a>}
      <Head sound={sound} route={route} />
      <JudgedBanner />
      <NewAlarmVoice sound={sound} />
      {route.startsWith('/setup')
        ? <div className="setup-page"><Suspense fallback={<p className="notice-text">{t('state.loading')}</p>}><SetupRoutes store={store} /></Suspense></div>
        : <MapPage sound={sound} />}
    </div>
  );
}
