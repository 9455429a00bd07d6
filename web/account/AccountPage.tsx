// The account of whoever is signed in: who they are here, password, second factors, where they are signed in, tokens for programs.
import './account.css';
import { MultiSelect, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Right } from '../../contract/access.ts';
import { useFetched } from '../incidents/useFetched.ts';
import { UnitSelect } from '../incidents/UnitSelect.tsx';
import { useUnits } from '../incidents/useUnits.ts';
import { mayNow, meChanged, useMe } from '../parts/me.ts';
import { useFormat } from '../parts/useFormat.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { chooseLanguage } from '../words/words.ts';
import { accountApi, type Trouble } from './accountApi.ts';
import { FactorsSection } from './factors/FactorsSection.tsx';
import { PasswordForm } from './PasswordForm.tsx';
import { timeWords } from './timeWords.ts';

export default function AccountPage() {
  const { t } = useTranslation('account');
  const { nameOf } = useUnits();
  const me = useMe();
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  if (me === null) return null;
  const { account } = me;
  const speak = async (language: 'en' | 'zh') => {
    const answer = await accountApi.changeLanguage(language);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null);
    meChanged({ language });
    chooseLanguage(language);
  };
  return (
    <main className="ac-page">
      <h1>{t('page.title')}</h1>
      <section aria-labelledby="ac-who">
        <h2 id="ac-who">{account.name} <span className="quiet">{account.signInName}</span></h2>
        <ul>{account.roles.map((role) => <li key={`${role.role} ${role.unitId}`}>{t('menu.roleAt', { role: t(`role.${role.role}`), place: role.unitId === null ? t('menu.whole') : nameOf(role.unitId) ?? t('menu.noName') })}</li>)}</ul>
        {account.roles.length === 0 && <p>{t('menu.noRole')}</p>}
        <p className="quiet">{t('page.actsAs', { name: me.actor.name })}</p>
        <div className="ac-line"><span id="ac-language">{t('page.language')}</span> <SegmentedControl size="xs" aria-labelledby="ac-language" value={account.language} onChange={(value) => void speak(value as 'en' | 'zh')} data={[{ value: 'en', label: 'English' }, { value: 'zh', label: '中文' }]} /></div>
        {trouble !== null && <TroubleBox trouble={trouble} />}
      </section>
      {account.kind === 'local' && <section aria-labelledby="ac-password"><h2 id="ac-password">{t('password.title')}</h2><PasswordForm /></section>}
      <FactorsSection />
      <SessionsSection />
      <TokensSection />
    </main>
  );
}

function SessionsSection() {
  const { t } = useTranslation('account');
  const { language } = useFormat();
  const [sessions, refetch] = useFetched('sessions', accountApi.sessions);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const end = async (sessionId: string | null) => {
    const answer = await (sessionId === null ? accountApi.endOtherSessions() : accountApi.endSession(sessionId));
    setTrouble(answer.ok ? null : answer.trouble);
    refetch();
  };
  return (
    <section aria-labelledby="ac-sessions">
      <h2 id="ac-sessions">{t('sessions.title')}</h2>
      {sessions.state === 'broken' && <TroubleBox trouble={sessions.trouble} onTryAgain={refetch} />}
      {sessions.state === 'there' && (
        <ul className="ac-rows">{sessions.value.sessions.map((session) => (
          <li key={session.sessionId} data-current={session.current}>
            <span className="grow"><strong>{session.current ? t('sessions.this') : browserWords(session.browser)}</strong> {session.address}<br />
              <span className="quiet">{t('sessions.times', { since: timeWords(session.createdAtMs, language), seen: timeWords(session.seenAtMs, language), until: timeWords(Math.min(session.endsAtMs, session.idleUntilMs), language) })}</span></span>
            {!session.current && <button type="button" className="action quiet-action" onClick={() => void end(session.sessionId)} aria-label={t('sessions.endOf', { name: `${browserWords(session.browser)} ${session.address}` })}>{t('sessions.end')}</button>}
          </li>
        ))}</ul>
      )}
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {sessions.state === 'there' && sessions.value.sessions.length > 1 && <button type="button" className="action quiet-action" onClick={() => void end(null)}>{t('sessions.endOthers')}</button>}
    </section>
  );
}

/** Enough to recognise one's own machine by. */
function browserWords(agent: string): string {
  const browser = /Firefox\/|Edg\/|OPR\/|Chrome\/|Safari\//.exec(agent)?.[0].replace('/', '').replace('Edg', 'Edge').replace('OPR', 'Opera') ?? '';
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(agent)?.[0] ?? '';
  return [browser, system].filter((word) => word !== '').join(', ') || agent.slice(0, 40) || '?';
}

function TokensSection() {
  const { t } = useTranslation('account');
  const { language } = useFormat();
  const { nameOf } = useUnits();
  const [tokens, refetch] = useFetched('tokens', accountApi.tokens);
  const me = useMe();
  const [isOpen, setIsOpen] = useState(false), [made, setMade] = useState<string | null>(null), [trouble, setTrouble] = useState<Trouble | null>(null);
  const [name, setName] = useState(''), [rights, setRights] = useState<string[]>(['see']), [unitId, setUnitId] = useState<string | null>(null), [days, setDays] = useState<number | string>(90);
  const own = [...new Set((me?.rights ?? []).flatMap((place) => place.rights))];
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await accountApi.addToken({ name: name.trim(), rights: rights as Right[], unitId, days: Number(days) });
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null); setMade(answer.value.secret); setName(''); setIsOpen(false);
    refetch();
  };
  const end = async (tokenId: string) => { const answer = await accountApi.endToken(tokenId); setTrouble(answer.ok ? null : answer.trouble); refetch(); };
  return (
    <section aria-labelledby="ac-tokens">
      <h2 id="ac-tokens">{t('tokens.title')}</h2>
      <p className="quiet">{t('tokens.means')}</p>
      {made !== null && <div role="status"><p><strong>{t('tokens.shownOnce')}</strong></p><code className="ac-secret">{made}</code><button type="button" className="plain" onClick={() => setMade(null)}>{t('link.hide')}</button></div>}
      {tokens.state === 'broken' && <TroubleBox trouble={tokens.trouble} onTryAgain={refetch} />}
      {tokens.state === 'there' && (
        <ul className="ac-rows">{tokens.value.tokens.map((token) => (
          <li key={token.tokenId}>
            <span className="grow"><strong>{token.name}</strong> {token.rights.map((right) => t(`right.${right}`)).join(', ')} · {token.unitId === null ? t('tokens.everywhere') : nameOf(token.unitId) ?? t('menu.noName')}<br />
              <span className="quiet">{t('tokens.times', { until: timeWords(token.expiresAtMs, language), used: token.usedAtMs === null ? t('tokens.never') : timeWords(token.usedAtMs, language) })}</span></span>
            <button type="button" className="action quiet-action" onClick={() => void end(token.tokenId)} aria-label={t('tokens.endOf', { name: token.name })}>{t('sessions.end')}</button>
          </li>
        ))}</ul>
      )}
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {!isOpen && <button type="button" className="action quiet-action" onClick={() => { setIsOpen(true); setMade(null); }}>{t('tokens.add')}</button>}
      {isOpen && (
        <form className="ac-form" onSubmit={(event) => void send(event)}>
          <TextInput label={t('tokens.name')} value={name} maxLength={80} onChange={(event) => setName(event.currentTarget.value)} autoFocus autoComplete="off" />
          <MultiSelect label={t('tokens.rights')} value={rights} onChange={setRights} data={own.map((right) => ({ value: right, label: t(`right.${right}`) }))} hidePickedOptions />
          <UnitSelect label={t('tokens.unit')} value={unitId} onChange={setUnitId} emptyWord={t('tokens.everywhere')} only={(each) => mayNow('see', each)} />
          <NumberInput label={t('tokens.days')} value={days} onChange={setDays} min={1} max={365} allowDecimal={false} />
          <div className="card-actions"><button type="submit" className="action" disabled={name.trim() === '' || rights.length === 0 || !(Number(days) >= 1)}>{t('tokens.make')}</button><button type="button" className="action quiet-action" onClick={() => setIsOpen(false)}>{t('link.cancel')}</button></div>
        </form>
      )}
    </section>
  );
}
