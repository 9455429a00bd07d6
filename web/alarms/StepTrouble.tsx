// Why a step on an alarm was not taken: the server's own words, or that there was no answer.
import { useTranslation } from 'react-i18next';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import type { Trouble } from '../setup/api.ts';

export function StepTrouble({ trouble }: { trouble: Trouble }) {
  const { t } = useTranslation('load');
  return trouble.from === 'server' ? <ProblemBox note={trouble.note} alert /> : <p className="problem" role="alert">{t('shelve.noAnswer')}</p>;
}
