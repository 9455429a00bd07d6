// Who did what.
import { useTranslation } from 'react-i18next';

export default function AuditPage() {
  const { t } = useTranslation('audit');
  return <main><h1>{t('page.title')}</h1></main>;
}
