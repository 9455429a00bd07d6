// The first start shows a path, not an empty map: what the demo is, and the way to one's own first camera.
import { useTranslation } from 'react-i18next';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { demoReadyAtMs, demoState } from '../parts/demoState.ts';
import { clockWords } from '../parts/format.ts';
import { useKept } from '../parts/kept.ts';
import { useMay } from '../parts/me.ts';
import { useFormat } from '../parts/useFormat.ts';
import { hrefOf, setupPaths } from '../route.ts';

export function FirstSteps() {
  const { t } = useTranslation();
  const sites = useScreen((screen) => screen.sites);
  const isThere = useScreen((screen) => screen.overview.state === 'there');
  const demo = useScreen((screen) => (screen.sites[0] === undefined ? 'off' : demoState(screen.sites[0], screen)));
  const readyAtMs = useScreen((screen) => (screen.sites[0] === undefined ? null : demoReadyAtMs(screen.sites[0], screen)));
  const nowMs = useServerNowMs();
  const { span } = useFormat();
  const [hidden, setHidden] = useKept('firstStepsHidden', false);
  const maySetUp = useMay('setup');
  if (!isThere) return null;
  if (sites.length === 0) {
    return <section className="first-steps alone"><h2>{t('site.none')}</h2><p>{t('site.noneMeans')}</p>{maySetUp && <a className="action" href={hrefOf(setupPaths.addSite())}>{t('site.addSite')}</a>}</section>;
  }
  const onlyDemo = sites.every(({ site }) => site.demo);
  if (!onlyDemo || hidden) return null;
  return (
    <section className="first-steps" data-demo={demo}>
      {demo === 'preparing' && readyAtMs !== null ? <><h2>{t('first.preparing')}</h2><p>{t('first.preparingBody', { time: clockWords(readyAtMs, nowMs), span: span(readyAtMs - nowMs) })}</p></>
        : demo === 'running' ? <><h2>{t('first.title')}</h2><p>{t('first.body')}</p></> : <><h2>{t('first.off')}</h2><p>{t('first.offBody')}</p></>}
      {maySetUp && <a className="action" href={hrefOf(setupPaths.addCamera())}>{t('first.add')}</a>} <button type="button" className="plain" onClick={() => setHidden(true)}>{t('first.hide')}</button>
    </section>
  );
}
