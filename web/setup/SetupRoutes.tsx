// The setup pages: what comes after #/setup. They are for the administrator; the map links to them.
import './setup.css';
import './units/units.css';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveStore } from '../live/store.ts';
import { usePage, useKinds, useScreen } from '../live/LiveProvider.tsx';
import { goTo, hrefOf, setupPaths, useRoute } from '../route.ts';
import { MasksPanel } from '../privacy/MasksPanel.tsx';
import { AddCamera } from './cameras/AddCamera.tsx';
import { CameraPage } from './cameras/CameraPage.tsx';
import { ChannelsPage } from './channels/ChannelsPage.tsx';
import { LinePanel } from './lines/LinePanel.tsx';
import { ManagePage } from './manage/ManagePage.tsx';
import { ModelPage } from './model/ModelPage.tsx';
import { PeoplePage } from './people/PeoplePage.tsx';
import { PlacingPanel } from './place/PlacingPanel.tsx';
import { setupPageOf } from './setupPageOf.ts';
import { SiteForm } from './sites/SiteForm.tsx';
import { PlaybooksPage } from './playbooks/PlaybooksPage.tsx';
import { TroubleBox } from './TroubleBox.tsx';
import { ChangesPage } from './units/ChangesPage.tsx';
import { ImportPage } from './units/ImportPage.tsx';
import { PolicyPage } from './units/PolicyPage.tsx';
import { UnitsPage } from './units/UnitsPage.tsx';
import { ZonePanel } from './zones/ZonePanel.tsx';

export default function SetupRoutes(_: { store: LiveStore }) {
  const { t } = useTranslation('setup');
  return <main className="setup" aria-label={t('manage.title')}><SetupPage /></main>;
}

function SetupPage() {
  const { t } = useTranslation('setup'), { t: privacy } = useTranslation('privacy');
  const { connection } = usePage();
  const page = setupPageOf(useRoute());
  const overview = useScreen((screen) => screen.overview), sites = useScreen((screen) => screen.sites);
  const kinds = useKinds();
  const home = () => goTo(setupPaths.home());
  const saved = () => { connection.refetch(); home(); };

  if (overview.state === 'loading') return <p className="setup-sheet" role="status">{t('page.loading')}</p>;
  if (overview.state === 'broken') return <div className="setup-sheet"><TroubleBox trouble={{ from: 'server', note: overview.problem }} onTryAgain={() => connection.refetch()} /></div>;
  if (page.page === 'manage') return <ManagePage sites={sites} kinds={kinds} />;
  if (page.page === 'model') return <Framed title={t('model.title')}><ModelPage /></Framed>;
  if (page.page === 'channels') return <ChannelsPage />;
  if (page.page === 'units') return <UnitsPage unitId={page.unitId} adding={null} />;
  if (page.page === 'addUnit') return <UnitsPage unitId={null} adding={{ parentId: page.parentId }} />;
  if (page.page === 'importUnits') return <ImportPage />;
  if (page.page === 'unitChanges') return <ChangesPage />;
  if (page.page === 'unitPeople') return <PeoplePage unitId={page.unitId} />;
  if (page.page === 'unitPolicy') return <PolicyPage unitId={page.unitId} />;
  if (kinds === null) return <p className="setup-sheet" role="status">{t('page.loading')}</p>;
  const back = { word: t('add.cancel'), go: home };
  const siteConfig = 'siteId' in page ? sites.find(({ site }) => site.siteId === page.siteId) ?? null : null;
  const cameraConfig = 'sensorId' in page ? sites.find(({ sensors }) => sensors.some((sensor) => sensor.sensorId === page.sensorId)) ?? null : null;
  const sensor = 'sensorId' in page ? cameraConfig?.sensors.find((each) => each.sensorId === page.sensorId) ?? null : null;
  const zoneConfig = 'zoneId' in page ? sites.find(({ zones }) => zones.some((zone) => zone.zoneId === page.zoneId)) ?? null : null;
  const zone = 'zoneId' in page ? zoneConfig?.zones.find((each) => each.zoneId === page.zoneId) ?? null : null;
  const lineConfig = 'lineId' in page ? sites.find(({ lines = [] }) => lines.some((line) => line.lineId === page.lineId)) ?? null : null;
  const line = 'lineId' in page ? lineConfig?.lines?.find((each) => each.lineId === page.lineId) ?? null : null;

  switch (page.page) {
    case 'addSite': return <Framed title={t('site.addTitle')}><SiteForm config={null} sites={sites} onSaved={saved} saveWord={t('site.save')} back={back} /></Framed>;
    case 'site': return siteConfig === null ? <NotThere /> : <Framed title={siteConfig.site.name}><SiteForm key={page.siteId} config={siteConfig} sites={sites} onSaved={saved} saveWord={t('site.save')} back={back} /></Framed>;
    case 'addCamera': return page.siteId !== null && siteConfig === null ? <NotThere /> : <AddCamera sites={sites} kinds={kinds} siteId={page.siteId} />;
    case 'camera': return cameraConfig === null || sensor === null ? <NotThere /> : <CameraPage key={page.sensorId} config={cameraConfig} sensor={sensor} kinds={kinds} />;
    case 'place': return cameraConfig === null || sensor === null ? <NotThere /> : <Framed title={t('place.title', { name: sensor.name })}><PlacingPanel key={page.sensorId} config={cameraConfig} sensor={sensor} firstPicture={null} savedWord={t('place.save')} onSaved={saved} back={back} /></Framed>;
    case 'masks': return cameraConfig === null || sensor === null ? <NotThere /> : <Framed title={privacy('masks.title', { name: sensor.name })}><MasksPanel key={page.sensorId} sensor={sensor} /></Framed>;
    case 'addZone': return siteConfig === null ? <NotThere /> : <Framed title={t('zone.addTitle', { site: siteConfig.site.name })}><ZonePanel key={page.siteId} config={siteConfig} zone={null} kinds={kinds} onSaved={saved} back={back} /></Framed>;
    case 'zone': return zoneConfig === null || zone === null ? <NotThere /> : <Framed title={zone.name}><ZonePanel key={page.zoneId} config={zoneConfig} zone={zone} kinds={kinds} onSaved={saved} back={back} /></Framed>;
    case 'addLine': return siteConfig === null ? <NotThere /> : <Framed title={t('line.addTitle', { site: siteConfig.site.name })}><LinePanel key={page.siteId} config={siteConfig} line={null} kinds={kinds} onSaved={saved} back={back} /></Framed>;
    case 'line': return lineConfig === null || line === null ? <NotThere /> : <Framed title={line.name}><LinePanel key={page.lineId} config={lineConfig} line={line} kinds={kinds} onSaved={saved} back={back} /></Framed>;
    case 'playbooks': return siteConfig === null ? <NotThere /> : <PlaybooksPage key={page.siteId} config={siteConfig} />;
    case 'unknown': return <NotThere />;
  }
}

function Framed({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation('setup');
  return <div className="setup-sheet"><p className="setup-crumb"><a href={hrefOf(setupPaths.home())}>{t('manage.title')}</a></p><h1>{title}</h1>{children}</div>;
}

function NotThere() {
  const { t } = useTranslation('setup');
  return <div className="setup-sheet"><h1>{t('page.notThere')}</h1><p>{t('page.notThereText')}</p><Button component="a" href={hrefOf(setupPaths.home())}>{t('page.toList')}</Button></div>;
}
