// One line across a way: how many come in and go out, how near that is to what the way can take.
import { useTranslation } from 'react-i18next';
import { FLOW_LIMITS_PEOPLE_PER_M_MIN } from '../../contract/flow.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { LineFigure } from '../parts/LineFigure.tsx';
import { percent, whole } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { hrefOf, setupPaths } from '../route.ts';
import { useDesk } from '../shell/chosen.ts';
import { targetOfLine } from '../shell/targetOf.ts';
import { CardHead } from './CardHead.tsx';

export function LineCard({ lineId }: { lineId: string }) {
  const { t } = useTranslation();
  const { span } = useFormat();
  const { show } = useDesk();
  const sites = useScreen((screen) => screen.sites);
  const state = useScreen((screen) => screen.lines.get(lineId));
  const config = sites.find(({ lines = [] }) => lines.some((line) => line.lineId === lineId));
  const line = config?.lines?.find((one) => one.lineId === lineId);
  const maySetUp = useMayAt('setup', config?.site.siteId);
  if (config === undefined || line === undefined) return <p className="notice-text">{t('site.noMatch')}</p>;
  const figures = state?.figures ?? null, widthM = Math.hypot(line.b.xM - line.a.xM, line.b.yM - line.a.yM);
  return (
    <section className="card line-card" aria-label={`${t('line.card')}: ${line.name}`} data-line-card={lineId}>
      <CardHead kind={t('line.card')} name={line.name} sign={<span aria-hidden="true">⇄</span>}>{config.site.demo && <DemoBadge />}</CardHead>
      <p className="quiet">{config.site.name} · {widthM.toFixed(1)} m · {t(`line.${line.surface}`)}</p>
      <p className="card-figure"><LineFigure lineId={lineId} /></p>
      {figures !== null && <p className="quiet">{t('line.over', { span: span(figures.overMs) })}</p>}
      <dl className="facts">
        <dt>{t('line.both')}</dt><dd>{figures === null ? '–' : `${whole(figures.peoplePerMMin)} ${t('unit.perMMin')}`}</dd>
        <dt>{t('line.limit')}</dt><dd>{FLOW_LIMITS_PEOPLE_PER_M_MIN[line.surface]} {t('unit.perMMin')}</dd>
        <dt>{t('line.seen')}</dt><dd>{figures === null ? '–' : percent(figures.seenShare)}</dd>
      </dl>
      <div className="card-actions">
        <button type="button" className="action quiet-action" onClick={() => show(targetOfLine(lineId, sites))}>{t('alarms.fly')}</button>
        {maySetUp && <a className="action quiet-action" href={hrefOf(setupPaths.line(lineId))}>{t('line.edit')}</a>}
      </div>
    </section>
  );
}
