// What the points are worth, in words: too few, broken, how far off, and what they say about the camera itself.
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { NoteBox } from '../TroubleBox.tsx';
import { gradeOf, PAIRS_LEAST, poseDiffers, type Fit, type PlacingDraft } from './placing.ts';

export function FitWords({ fit, draft, onUsePose }: { fit: Fit; draft: PlacingDraft; onUsePose: () => void }) {
  const { t } = useTranslation('setup');
  if (fit.state === 'tooFew') return <p className="setup-fit" role="status">{t('place.fit.tooFew', { there: PAIRS_LEAST - fit.missing, least: PAIRS_LEAST })}</p>;
  if (fit.state === 'broken') return <NoteBox note={fit.problem} />;
  const { pose } = fit;
  return (
    <div className="setup-fit" role="status" data-fit={fit.isProven ? gradeOf(fit.errorMRms) : 'unproven'}>
      {fit.isProven
        ? <p><strong className="setup-figure">{t('place.fit.rms', { errorM: fit.errorMRms.toFixed(2) })}</strong> {t(`place.fit.${gradeOf(fit.errorMRms)}`)}</p>
        : <p>{t('place.fit.unproven')}</p>}
      {pose === null ? <p className="setup-quiet">{t('place.fit.noPose')}</p> : (
        <p>
          {draft.position === null ? t('place.fit.poseSays', figures(pose)) : poseDiffers(draft, pose) ? t('place.fit.poseDiffers', figures(pose)) : t('place.fit.poseAgrees', figures(pose))}{' '}
          <Button size="compact-xs" variant={draft.position === null || poseDiffers(draft, pose) ? 'outline' : 'default'} onClick={onUsePose}>{t('place.fit.usePose')}</Button>
        </p>
      )}
    </div>
  );
}

const figures = (pose: { position: { xM: number; yM: number }; heightM: number; bearingDeg: number }) => ({ x: pose.position.xM.toFixed(1), y: pose.position.yM.toFixed(1), heightM: pose.heightM.toFixed(1), degrees: Math.round(pose.bearingDeg) % 360 });
