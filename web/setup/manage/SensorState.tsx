// What a camera does now, as the live store has it: its phase in a word, and what is wrong in the problem's own words.
import { useTranslation } from 'react-i18next';
import { problemWords } from '../../../contract/problem.ts';
import type { Sensor } from '../../../contract/site.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { isPrepared } from '../../parts/demoState.ts';
import { useLanguage } from '../useLanguage.ts';

export function SensorState({ sensor, isLong }: { sensor: Sensor; isLong?: boolean }) {
  const { t } = useTranslation('setup');
  const language = useLanguage();
  const status = useScreen((screen) => screen.sensors.get(sensor.sensorId));
  const preparing = useScreen((screen) => isPrepared(sensor, status, screen.line.heardAtMs));
  if (preparing) return <span className="setup-state" data-phase="preparing">{t('state.preparing')}</span>;
  if (!sensor.enabled) return <span className="setup-state off">{t('state.disabled')}</span>;
  if (status === undefined) return <span className="setup-state">{t('state.unknown')}</span>;
  const words = status.problem === null ? null : problemWords(status.problem, language);
  return (
    <span className={`setup-state ${status.phase}`} data-phase={status.phase}>
      <span className="setup-state-mark" aria-hidden="true">{status.phase === 'counting' ? '●' : status.phase === 'waiting' ? '▲' : '○'}</span> {t(`state.${status.phase}`)}
      {words !== null && <> · {words.what}{isLong === true && <> {words.means} {words.todo}</>}</>}
      {words === null && sensor.calibration === null && <> · {t('state.unplaced')}</>}
    </span>
  );
}
