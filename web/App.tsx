// The shell: head with the state of everything, then the page that the address names.
import { Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { usePage } from './live/LiveProvider.tsx';
import { useRoute } from './route.ts';

const SetupRoutes = lazy(() => import('./setup/SetupRoutes.tsx'));

export function App() {
  const { t } = useTranslation();
  const { store } = usePage();
  const route = useRoute();
  if (route.startsWith('/setup')) return <Suspense fallback={<p>{t('state.loading')}</p>}><SetupRoutes store={store} /></Suspense>;
  return <main>{t('app.name')}</main>;
}
