// Marks everything that is a drill, everywhere it is shown.
import { useTranslation } from 'react-i18next';

export function ExerciseBadge() {
  const { t } = useTranslation('load');
  return <span className="exercise-badge" title={t('mark.exerciseLong')}>{t('mark.exercise')}</span>;
}
