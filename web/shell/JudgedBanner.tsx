// When alarms are not being judged, or this screen cannot know: a bar that nobody can overlook, with the cause, the places and how long.
import { useTranslation } from 'react-i18next';
import { PROBLEMS, type ProblemCode } from '../../contract/problem.ts';
import { usePage, useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { judgedNow } from '../live/judged.ts';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';

export function JudgedBanner() {
  const { t } = useTranslation();
  const { language, span } = useFormat();
  const { store } = usePage();
  useServerNowMs(); // draws once a second
  const screen = useScreen((now) => now);
  // Not the whole second: three seconds are short enough already.
  const nowMs = store.serverNowMs();
  const judged = judgedNow(screen, nowMs);
  const others = screen.troubles.filter((code) => code !== 'databaseDown' && code !== 'busDown');
  return (
    <>
      {/* The region is always there, so that a screen reader hears the change. The ticking seconds are not part of it. */}
      <div role="alert" className="hidden-text">{judged.judged ? '' : `${t(`judged.${judged.because}`)}. ${t(`judged.${judged.because}Means`)}`}</div>
      {!judged.judged && (
        <section className="judged-banner" aria-label={t(`judged.${judged.because}`)} data-because={judged.because}>
          <strong>{t(`judged.${judged.because}`)} {t('judged.for', { span: span(nowMs - judged.sinceMs) })}</strong>
          <p>{t(`judged.${judged.because}Means`)} {t('judged.sinceLong', { time: clockWords(judged.sinceMs, nowMs) })}{judged.siteNames.length > 0 && <> {t('judged.sites', { names: judged.siteNames.slice(0, 5).join(', ') + (judged.siteNames.length > 5 ? ' …' : '') })}</>}
            {screen.line.state === 'lost' && <> {t('state.lostTry', { seconds: Math.max(0, Math.ceil((screen.line.nextTryAtMs - nowMs) / 1000)) })}</>}</p>
        </section>
      )}
      {judged.judged && screen.troubles.some((code) => code === 'databaseDown' || code === 'busDown') && <p className="trouble-bar" role="status">{troubleWords(screen.troubles[0]!, language)}</p>}
      {others.map((code) => <p key={code} className="trouble-bar" role="status">{t('judged.trouble', { what: troubleWords(code, language) })}</p>)}
    </>
  );
}

function troubleWords(code: string, language: 'en' | 'zh'): string {
  if (!(code in PROBLEMS)) return code;
  const { what, means } = PROBLEMS[code as ProblemCode][language];
  return `${what} ${means}`;
}
