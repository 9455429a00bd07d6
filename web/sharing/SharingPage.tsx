// Places shown to other units for a while.
import { useTranslation } from 'react-i18next';

export default function SharingPage() {
  const { t } = useTranslation('sharing');
  return <main><h1>{t('page.title')}</h1></main>;
}
