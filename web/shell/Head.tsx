// The head of every page: where we are, the server's clock, sound, language, colours, keys.
import { Button, SegmentedControl } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Right } from '../../contract/access.ts';
import { ApprovalsBadge } from '../audit/ApprovalsBadge.tsx';
import { WhoButton } from '../incidents/WhoButton.tsx';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { clockWords } from '../parts/format.ts';
import { mayNow, useMe } from '../parts/me.ts';
import { useFormat } from '../parts/useFormat.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { hrefOf, setupPaths } from '../route.ts';
import type { AlarmSound } from '../sound/alarmSound.ts';
import { chooseLanguage, type Language } from '../words/words.ts';

/** `rights`: one of them somewhere, or the page has nothing to show. */
const PLACES = [
  { path: '/', word: 'app.map', rights: ['see'] }, { path: '/incidents', word: 'app.incidents', rights: ['see'] }, { path: '/board', word: 'app.board', rights: ['see'] }, { path: '/statistics', word: 'app.statistics', rights: ['analyse'] }, { path: '/load', word: 'app.load', rights: ['analyse'] },
  { path: '/duty', word: 'app.duty', rights: ['report'] }, { path: setupPaths.home(), word: 'app.setup', rights: ['setup', 'people', 'units', 'channels'] },
] as const satisfies readonly { path: string; word: string; rights: readonly Right[] }[];
const isHere = (route: string, path: string) => (path === '/' ? route === '/' : route === path || route.startsWith(`${path}/`));

export function Head({ sound, route }: { sound: AlarmSound; route: string }) {
  const { t } = useTranslation();
  const { language } = useFormat();
  const nowMs = useServerNowMs();
  useMe(); // drawn again when it is somebody else, or the same with other rights
  const isDemo = useScreen((screen) => screen.sites.some(({ site }) => site.demo));
  const pageIsOld = useScreen((screen) => screen.pageIsOld);
  const dropped = useScreen((screen) => screen.readingsDropped);
  const soundState = useSyncExternalStore(sound.subscribe, sound.state);
  return (
    <header className="head">
      <h1 className="brand">{t('app.name')}</h1>
      {isDemo && <DemoBadge />}
      <nav className="head-nav" aria-label={t('app.pages')}>
        {PLACES.filter(({ rights }) => rights.some((right) => mayNow(right))).map(({ path, word }) => <a key={path} href={hrefOf(path)} className={['/board', '/statistics', '/load'].includes(path) ? 'wide-only' : undefined} aria-current={isHere(route, path) ? 'page' : undefined}>{t(word)}</a>)}
      </nav>
      <span className="spacer" />
      {pageIsOld && <span className="head-note">{t('app.pageIsOld')} <Button size="compact-xs" variant="default" onClick={() => location.reload()}>{t('app.reload')}</Button></span>}
      {dropped > 0 && <span className="head-note quiet wide-only">{t('app.lost', { count: dropped })}</span>}
      <Button size="compact-sm" variant="default" className={`sound sound-${soundState}`} title={soundState === 'blocked' ? t('sound.blockedLong') : undefined} onClick={() => sound.toggle()} aria-pressed={soundState === 'on'}>
        <SoundSign state={soundState} /><SoundWords state={soundState} />
      </Button>
      <SegmentedControl size="xs" aria-label={t('app.language')} value={language} onChange={(value) => chooseLanguage(value as Language)} data={[{ value: 'en', label: 'EN' }, { value: 'zh', label: '中文' }]} />
      <ApprovalsBadge />
      <WhoButton />
      <span className="clock" title={t('app.clock')}>{clockWords(nowMs)}</span>
    </header>
  );
}

/** As wide in every state: the first touch of the page turns the sound on, and nothing may move away under the finger by that. */
function SoundWords({ state }: { state: 'on' | 'off' | 'blocked' }) {
  const { t } = useTranslation();
  const word = (of: typeof state, words: string, where?: string) => <span className={where} data-shown={of === state} aria-hidden={of === state ? undefined : true}>{words}</span>;
  return <span className="sound-words">{word('on', t('sound.on'))}{word('off', t('sound.off'))}{word('blocked', t('sound.blocked'), 'wide-only')}{word('blocked', t('sound.blockedShort'), 'narrow-only')}</span>;
}

function SoundSign({ state }: { state: 'on' | 'off' | 'blocked' }) {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true" style={{ marginRight: 5 }}>
      <path d="M2 6h3l4-3.5v11L5 10H2z" fill="currentColor" />
      {state === 'on' ? <path d="M11 5.5a3.5 3.5 0 0 1 0 5M13 3.5a6.5 6.5 0 0 1 0 9" fill="none" stroke="currentColor" strokeWidth="1.4" /> : <path d="m11 6 4 4m0-4-4 4" stroke="currentColor" strokeWidth="1.4" />}
    </svg>
  );
}
