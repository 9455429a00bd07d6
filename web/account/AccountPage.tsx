// The account of whoever is signed in: password, second factors, sessions, tokens.
import { useTranslation } from 'react-i18next';

export default function AccountPage() {
  const { t } = useTranslation('account');
  return <main><h1>{t('page.title')}</h1></main>;
}
