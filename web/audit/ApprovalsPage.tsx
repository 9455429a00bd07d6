// What waits for a second person.
import { useTranslation } from 'react-i18next';

export default function ApprovalsPage() {
  const { t } = useTranslation('audit');
  return <main><h1>{t('page.title')}</h1></main>;
}
