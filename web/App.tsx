// The shell: head, the banner that nobody may overlook, then the page that the address names.
import './app.css';
import { Suspense, lazy, useMemo, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { usePage } from './live/LiveProvider.tsx';
import { MapPage } from './shell/MapPage.tsx';
import { Head } from './shell/Head.tsx';
import { JudgedBanner } from './shell/JudgedBanner.tsx';
import { NewAlarmVoice } from './alarms/NewAlarmVoice.tsx';
import { useMay } from './parts/me.ts';
import { useRoute } from './route.ts';
import { alarmSound } from './sound/alarmSound.ts';

const SetupRoutes = lazy(() => import('./setup/SetupRoutes.tsx'));
const IncidentsPage = lazy(() => import('./incidents/IncidentsPage.tsx')), IncidentPage = lazy(() => import('./incidents/IncidentPage.tsx')), DutyPage = lazy(() => import('./duty/DutyPage.tsx'));
const BoardPage = lazy(() => import('./board/BoardPage.tsx')), StatisticsPage = lazy(() => import('./statistics/StatisticsPage.tsx'));
const AccountPage = lazy(() => import('./account/AccountPage.tsx')), AccountsPage = lazy(() => import('./account/AccountsPage.tsx')), JoinPage = lazy(() => import('./account/JoinPage.tsx'));
const AuditPage = lazy(() => import('./audit/AuditPage.tsx')), ApprovalsPage = lazy(() => import('./audit/ApprovalsPage.tsx')), PrivacyPage = lazy(() => import('./privacy/PrivacyPage.tsx')), SharingPage = lazy(() => import('./sharing/SharingPage.tsx'));
const LoadPage = lazy(() => import('./load/LoadPage.tsx')), WhatIfPage = lazy(() => import('./load/WhatIfPage.tsx'));

/** The page beside the map that the first part of the address names; each reads the rest of it itself. Null: the map. */
function pageOf(route: string): ReactElement | null {
  const [first = '', second = ''] = route.slice(1).split('/');
  switch (first) {
    case 'incidents': return second === '' ? <IncidentsPage /> : <IncidentPage />;
    case 'duty': return <DutyPage />;
    case 'board': return <BoardPage />;
    case 'statistics': return <StatisticsPage />;
    case 'load': return <LoadPage />;
    case 'whatif': return <WhatIfPage />;
    case 'account': return <AccountPage />;
    case 'accounts': return <AccountsPage />;
    case 'join': return <JoinPage />;
    case 'audit': return <AuditPage />;
    case 'approvals': return <ApprovalsPage />;
    case 'privacy': return <PrivacyPage />;
    case 'sharing': return <SharingPage />;
    default: return null;
  }
}

export function App() {
  const { t } = useTranslation();
  const { store } = usePage();
  const route = useRoute();
  const seesPlaces = useMay('see'), reads = useMay('audit');
  // Without a place to see the map would be empty: an auditor begins with the audit, anybody else with their account.
  const page = pageOf(route) ?? (seesPlaces || route.startsWith('/setup') ? null : reads ? <AuditPage /> : <AccountPage />);
  const sound = useMemo(() => alarmSound(), []);
  return (
    <div className="shell">
      {/* Only the map has alarms to go to. */}
      {!route.startsWith('/setup') && page === null && <a className="skip" href="#alarms" onClick={(event) => { event.preventDefault(); document.getElementById('alarms')?.focus(); }}>{t('app.skip')}</a>}
      <Head sound={sound} route={route} />
      <JudgedBanner />
      <NewAlarmVoice sound={sound} />
      {route.startsWith('/setup')
        ? <div className="setup-page"><Suspense fallback={<p className="notice-text">{t('state.loading')}</p>}><SetupRoutes store={store} /></Suspense></div>
        : page !== null ? <div className="other-page"><Suspense fallback={<p className="notice-text">{t('state.loading')}</p>}>{page}</Suspense></div>
        : <MapPage sound={sound} />}
    </div>
  );
}
