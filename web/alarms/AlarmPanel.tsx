// Right side: the alarm list above, below it the card of what is chosen.
import { useTranslation } from 'react-i18next';
import { useScreen } from '../live/LiveProvider.tsx';
import { useDesk } from '../shell/chosen.ts';
import { AlarmCard } from '../cards/AlarmCard.tsx';
import { CameraCard } from '../cards/CameraCard.tsx';
import { LineCard } from '../cards/LineCard.tsx';
import { ZoneCard } from '../cards/ZoneCard.tsx';
import { AlarmList } from './AlarmList.tsx';
import type { Acknowledging } from './useAcknowledge.ts';

export function AlarmPanel({ acknowledge }: { acknowledge: Acknowledging }) {
  const { t } = useTranslation();
  const { chosen } = useDesk();
  const openCount = useScreen((screen) => screen.alarmsOpenCount);
  const isThere = useScreen((screen) => screen.overview.state === 'there');
  return (
    <div className="alarm-panel" id="alarms" tabIndex={-1}>
      <div className="panel-head"><h2>{t('alarms.title')} <span className="count" data-open-count={openCount}>{openCount}</span> <span className="quiet">{t('alarms.open')}</span></h2></div>
      {!isThere ? <p className="notice-text">{t('state.loading')}</p> : <AlarmList />}
      <div className="card-place">
        {chosen === null ? <p className="notice-text">{t('alarms.nothingChosen')}</p>
          : chosen.kind === 'alarm' ? <AlarmCard key={chosen.alarmId} alarmId={chosen.alarmId} acknowledge={acknowledge} />
          : chosen.kind === 'zone' ? <ZoneCard key={chosen.zoneId} zoneId={chosen.zoneId} />
          : chosen.kind === 'line' ? <LineCard key={chosen.lineId} lineId={chosen.lineId} />
          : <CameraCard key={chosen.sensorId} sensorId={chosen.sensorId} />}
      </div>
    </div>
  );
}
