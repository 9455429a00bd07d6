// How long things are kept, what was purged, the impact assessment.
import { useTranslation } from 'react-i18next';

export default function PrivacyPage() {
  const { t } = useTranslation('privacy');
  return <main><h1>{t('page.title')}</h1></main>;
}
