// The first start shows a path, not an empty map: what the demo is, and the way to one's own first camera.
import { useTranslation } from 'react-i18next';
import { useScreen } from '../live/LiveProvider.tsx';
import { useKept } from '../parts/kept.ts';
import { hrefOf, setupPaths } from '../route.ts';

export function FirstSteps() {
  const { t } = useTranslation();
  const sites = useScreen((screen) => screen.sites);
  const isThere = useScreen((screen) => screen.overview.state === 'there');
  const [hidden, setHidden] = useKept('firstStepsHidden', false);
  if (!isThere) return null;
  if (sites.length === 0) {
    return <section className="first-steps alone"><h2>{t('site.none')}</h2><p>{t('site.noneMeans')}</p><a className="action" href={hrefOf(setupPaths.addSite())}>{t('site.addSite')}</a></section>;
  }
  const onlyDemo = sites.every(({ site }) => site.demo);
  if (!onlyDemo || hidden) return null;
  return (
    <section className="first-steps">
      <h2>{t('first.title')}</h2><p>{t('first.body')}</p>
      <a className="action" href={hrefOf(setupPaths.addCamera())}>{t('first.add')}</a> <button type="button" className="plain" onClick={() => setHidden(true)}>{t('first.hide')}</button>
    </section>
  );
}
