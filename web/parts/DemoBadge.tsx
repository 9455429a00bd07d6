// Marks everything that is a demonstration, everywhere it is shown.
import { useTranslation } from 'react-i18next';

export function DemoBadge() {
  const { t } = useTranslation();
  return <span className="demo-badge" title={t('app.demoLong')}>{t('app.demo')}</span>;
}
