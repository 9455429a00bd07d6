// Places shown to other units for a while: what is shared now, by whom, until when and why; and the form to share one.
import './sharing.css';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GrantShown } from '../../contract/apiGrants.ts';
import { TroubleNote } from '../incidents/Marks.tsx';
import { useFetched } from '../incidents/useFetched.ts';
import { useServerNowMs } from '../live/LiveProvider.tsx';
import { useMay } from '../parts/me.ts';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { goTo, hrefOf, pagePaths, useRoute } from '../route.ts';
import type { Trouble } from '../setup/api.ts';
import { ShareForm } from './ShareForm.tsx';
import { sharingApi } from './api.ts';

const ASKED_EVERY_MS = 10_000;

export default function SharingPage() {
  const { t } = useTranslation('sharing');
  const [, , siteId, incidentId] = useRoute().split('/').map(decodeURIComponent);
  const mayShare = useMay('share');
  const [overToo, setOverToo] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const [grants, refetch] = useFetched(`grants ${String(overToo)}`, () => sharingApi.grants(overToo), ASKED_EVERY_MS);
  const end = async (grantId: string) => {
    const answer = await sharingApi.end(grantId);
    setTrouble(answer.ok ? null : answer.trouble);
    refetch();
  };
  const shown = grants.state === 'there' ? grants.value.grants : [];
  const list = (side: GrantShown['side']) => shown.filter((one) => one.side === side);
  return (
    <main className="in-page sh-page" aria-label={t('page.title')}>
      <div className="in-page-head"><h2>{t('page.title')}</h2></div>
      <div className="sh-columns">
        <div>
          <p className="quiet">{t('page.means')}</p>
          {grants.state === 'broken' && <TroubleNote trouble={grants.trouble} onAgain={refetch} />}
          {trouble !== null && <TroubleNote trouble={trouble} />}
          {(['given', 'received'] as const).map((side) => (
            <section key={side} aria-label={t(`page.${side}`)} data-side={side}>
              <h3>{t(`page.${side}`)}</h3>
              {grants.state === 'there' && list(side).length === 0 && <p className="quiet">{t(`page.${side}None`)}</p>}
              <ul className="sh-list">{list(side).map((one) => <GrantLine key={one.grant.grantId} shown={one} onEnd={() => void end(one.grant.grantId)} />)}</ul>
            </section>
          ))}
          <label className="sh-over"><input type="checkbox" checked={overToo} onChange={(event) => setOverToo(event.target.checked)} /> {t('page.overToo')}</label>
        </div>
        {mayShare && <ShareForm key={`${siteId ?? ''} ${incidentId ?? ''}`} siteId={siteId ?? null} incidentId={incidentId ?? null} onShared={() => { refetch(); if (siteId !== undefined) goTo(pagePaths.sharing()); }} />}
      </div>
    </main>
  );
}

function GrantLine({ shown: { grant, siteName, toUnitNames, state, mayEnd }, onEnd }: { shown: GrantShown; onEnd: () => void }) {
  const { t } = useTranslation('sharing');
  const { language, span } = useFormat();
  const nowMs = useServerNowMs();
  // The list is asked for every few seconds; the end is shown when it comes.
  const isOver = state === 'over' || (state === 'inForce' && grant.untilMs <= nowMs);
  const stateWords = state === 'ended' ? t('state.ended', { time: clockWords(grant.revokedAtMs ?? nowMs, nowMs), name: grant.revokedByName ?? '' }) : isOver ? t('state.over', { time: clockWords(grant.untilMs, nowMs) })
    : state === 'ahead' ? t('state.ahead', { from: clockWords(grant.fromMs, nowMs), until: clockWords(grant.untilMs, nowMs) }) : t('state.inForce', { until: clockWords(grant.untilMs, nowMs), span: span(grant.untilMs - nowMs) });
  return (
    <li data-grant={grant.grantId} data-state={isOver ? 'over' : state} className={isOver || state === 'ended' ? 'quiet' : undefined}>
      <strong>{siteName}</strong> → <strong>{toUnitNames[language]}</strong> · {t(grant.rights.includes('picture') ? 'rights.picture' : 'rights.see')}
      <div>{stateWords}</div>
      <div>{grant.reason} <span className="quiet">{t('page.by', { name: grant.byName })}</span>{grant.incidentId !== null && <> · <a href={hrefOf(pagePaths.incident(grant.incidentId))}>{t('page.incident')}</a></>}</div>
      {mayEnd && !isOver && <button type="button" className="plain" aria-label={t('page.endLong', { site: siteName, unit: toUnitNames[language] })} onClick={onEnd}>{t('page.end')}</button>}
    </li>
  );
}
