// Right side: the alarm list above, below it the card of what is chosen.
import { useTranslation } from 'react-i18next';
import { LOAD_MEAN_MOST, LOAD_PEAK_MOST, LOAD_WINDOW_MS } from '../../contract/apiAlarms.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { keptValue } from '../parts/kept.ts';
import { hrefOf, pagePaths } from '../route.ts';
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
      <div className="panel-head"><h2>{t('alarms.title')} <span className="count" data-open-count={openCount}>{openCount}</span> <span className="quiet">{t('alarms.open')}</span></h2><LoadNow /></div>
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

/** How many came within the last ten minutes, against what an operator can take; the way to the page that tells of all of it. */
function LoadNow() {
  const { t } = useTranslation('load');
  const nowMs = useServerNowMs();
  const alarms = useScreen((screen) => screen.alarms);
  const operators = Math.max(1, keptValue('loadOperators', 1)), fromMs = nowMs - LOAD_WINDOW_MS;
  const count = alarms.reduce((sum, alarm) => sum + (alarm.raisedAtMs >= fromMs && !alarm.exercise && !alarm.demo ? 1 : 0), 0);
  return <a className="load-now" href={hrefOf(pagePaths.load())} data-load-now={count} title={t('list.nowLong', { operators, mean: LOAD_MEAN_MOST * operators, peak: LOAD_PEAK_MOST * operators })}>{count >= LOAD_PEAK_MOST * operators && '▲ '}{t('list.now', { count })}</a>;
}
