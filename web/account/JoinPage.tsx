// What an invitation or a recovery link opens.
import { useTranslation } from 'react-i18next';

export default function JoinPage() {
  const { t } = useTranslation('account');
  return <main><h1>{t('page.title')}</h1></main>;
}
