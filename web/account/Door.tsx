// Before everything else: who is at this screen? Nobody yet: the door. Somebody: the page. Somebody whose session is over: the page as it stood, marked as old, and the door in front of it.
import './account.css';
import './factors/factors.css';
import { SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { App } from '../App.tsx';
import { LiveProvider, useServerNowMs } from '../live/LiveProvider.tsx';
import { startPage } from '../live/startPage.ts';
import { clockWords } from '../parts/format.ts';
import { lookAgain, startMe, TOLD_BEFORE_MS, useMeState, useSessionEndsAtMs, watchActs, useMay } from '../parts/me.ts';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { useRoute } from '../route.ts';
import { chooseLanguage, type Language } from '../words/words.ts';
import { BackFromElsewhere, isBackFromElsewhere } from './factors/BackFromElsewhere.tsx';
import { ConfirmHost } from './factors/ConfirmHost.tsx';
import { hasNoRole, MustAddFactor, mustAddFactor, NoRoles } from './factors/Gate.tsx';
import { PasswordForm } from './PasswordForm.tsx';
import { SignInForm } from './SignInForm.tsx';

const JoinPage = lazy(() => import('./JoinPage.tsx'));

export function Door() {
  const { t } = useTranslation('account'), { t: tPage } = useTranslation();
  const route = useRoute(), me = useMeState();
  const { t: tFactors } = useTranslation('factors');
  const seesPlaces = useMay('see'), back = isBackFromElsewhere();
  useEffect(() => { if (back) return; void startMe(); watchActs(); }, [back]);
  if (back) return <Front title={tFactors('back.title')}><BackFromElsewhere /></Front>;
  if (route.startsWith('/join/')) return <Front title={t('join.title')}><Suspense fallback={<p>{tPage('state.loading')}</p>}><JoinPage /></Suspense></Front>;
  switch (me.state) {
    case 'loading': return <p className="ac-wait" role="status">{tPage('state.loading')}</p>;
    case 'broken': return <Front title={t('signIn.title')}><ProblemBox note={me.problem} alert /><p className="quiet">{t('signIn.tries')}</p></Front>;
    case 'out': return <Front title={t('signIn.title')}><SignInForm /></Front>;
    case 'in': case 'over':
      if (me.state === 'in' && me.me.mustDo.includes('newPassword')) return <Front title={t('password.mustTitle')}><p>{t('password.mustMeans')}</p><PasswordForm onChanged={lookAgain} /></Front>;
      if (me.state === 'in' && mustAddFactor(me.me)) return <Front title={tFactors('must.title')}><MustAddFactor /></Front>;
      if (me.state === 'in' && hasNoRole(me.me)) return <Front title={tFactors('noRoles.title')}><NoRoles me={me.me} /></Front>;
      return <Inside key={seesPlaces ? 'places' : 'none'} seesPlaces={seesPlaces} over={me.state === 'over' ? { name: me.me.account.signInName, kind: me.me.account.kind, sinceMs: me.sinceMs } : null} />;
  }
}

/** Begins with the first session, and stays while the page does: nothing that is typed is lost when a session ends. */
function Inside({ over, seesPlaces }: { over: { name: string; kind: 'local' | 'oidc'; sinceMs: number } | null; seesPlaces: boolean }) {
  const { t } = useTranslation('account');
  const [page] = useState(() => startPage(seesPlaces)), isIn = over === null;
  useEffect(() => { if (isIn) page.connection.refetch(); }, [isIn, page]);
  return (
    <LiveProvider page={page}>
      <div className={over === null ? 'ac-inside' : 'ac-inside ac-old'} inert={over !== null}>
        {over === null && <EndsSoon />}
        <App />
        <ConfirmHost />
      </div>
      {over !== null && (
        <div className="ac-over">
          <div className="ac-over-box" role="dialog" aria-modal="true" aria-labelledby="ac-over-title">
            <h1 id="ac-over-title">{t('over.title')}</h1>
            <p className="ac-over-old" role="alert">{t('over.old', { time: clockWords(over.sinceMs) })}</p>
            <p>{t('over.means')}</p>
            <SignInForm name={over.name} />
            <button type="button" className="plain" onClick={() => location.reload()}>{t('over.other')}</button>
          </div>
        </div>
      )}
    </LiveProvider>
  );
}

/** A room that watches must not be cut off in the middle of something: ten minutes before, and one touch is enough where only the idle limit is near. */
function EndsSoon() {
  const { t } = useTranslation('account');
  const { span } = useFormat();
  const endsAtMs = useSessionEndsAtMs(), nowMs = useServerNowMs();
  if (endsAtMs === null || endsAtMs - nowMs > TOLD_BEFORE_MS || endsAtMs <= nowMs) return null;
  return <p className="trouble-bar ac-soon" role="status">{t('over.soon', { span: span(endsAtMs - nowMs) })} <button type="button" className="plain" onClick={() => lookAgain()}>{t('over.here')}</button></p>;
}

/** A page with nothing but what it asks. */
function Front({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  const { language } = useFormat();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [isDark, setIsDark] = useState(colorScheme);
  return (
    <div className="ac-front">
      <header className="ac-front-head">
        <span className="brand">{t('app.name')}</span><span className="spacer" />
        <SegmentedControl size="xs" aria-label={t('app.theme')} value={isDark} onChange={(value) => { setIsDark(value as typeof isDark); setColorScheme(value as typeof isDark); }} data={[{ value: 'auto', label: t('app.themeAuto') }, { value: 'dark', label: t('app.themeDark') }, { value: 'light', label: t('app.themeLight') }]} />
        <SegmentedControl size="xs" aria-label={t('app.language')} value={language} onChange={(value) => chooseLanguage(value as Language)} data={[{ value: 'en', label: 'EN' }, { value: 'zh', label: '中文' }]} />
      </header>
      <main className="ac-front-main"><h1>{title}</h1>{children}</main>
    </div>
  );
}
