// Accounts of the installation, for administrators.
import { useTranslation } from 'react-i18next';

export default function AccountsPage() {
  const { t } = useTranslation('account');
  return <main><h1>{t('page.title')}</h1></main>;
}
