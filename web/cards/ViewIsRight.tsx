// A camera that was moved: whoever looked and finds its view right says so here; otherwise it must be placed anew.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hrefOf, setupPaths } from '../route.ts';
import { setupApi, type Trouble } from '../setup/api.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';

export function ViewIsRight({ sensorId }: { sensorId: string }) {
  const { t } = useTranslation();
  const [sent, setSent] = useState<'no' | 'sending' | 'taken' | Trouble>('no');
  const send = async () => {
    setSent('sending');
    const answer = await setupApi.viewIsRight(sensorId);
    setSent(answer.ok ? 'taken' : answer.trouble);
  };
  return (
    <div className="card-actions" role="group" aria-label={t('blind.moved')}>
      <button type="button" className="action quiet-action" disabled={sent === 'sending'} title={t('camera.viewRightLong')} onClick={() => void send()}>{t('camera.viewRight')}</button>
      <a className="action quiet-action" href={hrefOf(setupPaths.placeCamera(sensorId))}>{t('camera.place')}</a>
      <div role="status">{sent === 'taken' ? t('camera.viewTaken') : typeof sent === 'object' ? <TroubleBox trouble={sent} onTryAgain={() => void send()} /> : null}</div>
    </div>
  );
}
