// One's own second factors: what there is, adding one, removing one, recovery codes. Stands on the page of the account, and alone where the rules ask for one first.
import './factors.css';
import { TextInput } from '@mantine/core';
import { useCallback, useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { FactorAdded, Factors, TotpBegun } from '../../../contract/apiFactors.ts';
import { lookAgain, useMe } from '../../parts/me.ts';
import { useFormat } from '../../parts/useFormat.ts';
import { TroubleBox } from '../../setup/TroubleBox.tsx';
import type { Trouble } from '../accountApi.ts';
import { factorsApi, hasPasskeys, withPasskey, type BrowserFault } from './factorsApi.ts';
import { QrCode } from './QrCode.tsx';

type Doing = { what: 'nothing' } | { what: 'app'; begun: TotpBegun } | { what: 'passkey' } | { what: 'removing'; factorId: string; name: string } | { what: 'codes'; codes: string[] };

export function FactorsSection() {
  const { t } = useTranslation('factors');
  const { language } = useFormat();
  const me = useMe();
  const [factors, setFactors] = useState<Factors | null>(null), [doing, setDoing] = useState<Doing>({ what: 'nothing' }), [trouble, setTrouble] = useState<Trouble | null>(null), [sending, setSending] = useState(false);
  const look = useCallback(() => factorsApi.factors().then((answer) => { if (answer.ok) setFactors(answer.value); else setTrouble(answer.trouble); }), []);
  useEffect(() => { void look(); }, [look]);
  const nothing = () => setDoing({ what: 'nothing' });
  const time = (atMs: number) => new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
  const take = async (work: () => Promise<Trouble | null>) => {
    if (sending) return;
    setSending(true); setTrouble(null);
    setTrouble(await work());
    setSending(false);
  };
  const added = ({ recoveryCodes }: FactorAdded) => {
    setDoing(recoveryCodes === null ? { what: 'nothing' } : { what: 'codes', codes: recoveryCodes });
    void look();
    // Where the rules ask for one the page goes on now, but not before the codes were kept.
    if (recoveryCodes === null) lookAgain();
  };
  const beginApp = () => take(async () => { const answer = await factorsApi.beginTotp(); if (!answer.ok) return answer.trouble; setDoing({ what: 'app', begun: answer.value }); return null; });
  const remove = (factorId: string) => take(async () => { const answer = await factorsApi.removeFactor(factorId); nothing(); await look(); lookAgain(); return answer.ok ? null : answer.trouble; });
  const newCodes = () => take(async () => { const answer = await factorsApi.newRecovery(); if (!answer.ok) return answer.trouble; setDoing({ what: 'codes', codes: answer.value.recoveryCodes }); await look(); return null; });
  if (me?.account.kind === 'oidc') return <section className="ac-factors" aria-labelledby="ac-factors-title"><h2 id="ac-factors-title">{t('section.title')}</h2><p>{t('section.elsewhere')}</p></section>;
  return (
    <section className="ac-factors" aria-labelledby="ac-factors-title">
      <h2 id="ac-factors-title">{t('section.title')}</h2>
      <p className="quiet">{t('section.lead')} {factors?.needed === true && t('section.needed')}</p>
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {doing.what === 'codes' ? <RecoveryCodes codes={doing.codes} onKept={() => { nothing(); lookAgain(); }} /> : factors === null ? (trouble === null && <p role="status">{t('section.loading')}</p>) : <>
        {factors.factors.length === 0 ? <p>{t('section.none')}</p> : (
          <ul className="ac-rows">
            {factors.factors.map((factor) => (
              <li key={factor.factorId}>
                <span className="grow"><strong>{factor.name}</strong> <span className="quiet">{t(`section.${factor.kind}`)}{factor.hostName !== '' && `, ${t('section.at', { name: factor.hostName })}`}, {t('section.added', { time: time(factor.createdAtMs) })}, {factor.usedAtMs === null ? t('section.never') : t('section.used', { time: time(factor.usedAtMs) })}{factor.withoutPassword && `; ${t('section.withoutPassword')}`}</span></span>
                <button type="button" className="plain" aria-label={t('section.removeOf', { name: factor.name })} onClick={() => setDoing({ what: 'removing', factorId: factor.factorId, name: factor.name })}>{t('section.remove')}</button>
              </li>
            ))}
          </ul>
        )}
        {doing.what === 'removing' && (
          <div className="ac-sure" role="alertdialog" aria-label={t('section.removeOf', { name: doing.name })}>
            <p>{t('section.removeSure', { name: doing.name })}</p>
            <div className="card-actions"><button type="button" className="action" disabled={sending} onClick={() => void remove(doing.factorId)}>{t('section.remove')}</button><button type="button" className="action quiet-action" onClick={nothing}>{t('section.keep')}</button></div>
          </div>
        )}
        {doing.what === 'app' && <AddApp begun={doing.begun} onAdded={added} onCancel={nothing} />}
        {doing.what === 'passkey' && <AddPasskey onAdded={added} onCancel={nothing} />}
        {(doing.what === 'nothing' || doing.what === 'removing') && <>
          <div className="card-actions">
            <button type="button" className="action" disabled={sending} onClick={() => void beginApp()}>{t('section.addApp')}</button>
            {factors.passkeysHere && hasPasskeys() && <button type="button" className="action" disabled={sending} onClick={() => { setTrouble(null); setDoing({ what: 'passkey' }); }}>{t('section.addPasskey')}</button>}
          </div>
          {!(factors.passkeysHere && hasPasskeys()) && <p className="quiet">{t('section.noPasskeys')}</p>}
          {factors.factors.length > 0 && <p>{t('section.recoveryLeft', { count: factors.recoveryCodesLeft })} <button type="button" className="plain" disabled={sending} onClick={() => void newCodes()}>{t('section.newRecovery')}</button></p>}
        </>}
      </>}
    </section>
  );
}

function AddApp({ begun, onAdded, onCancel }: { begun: TotpBegun; onAdded: (added: FactorAdded) => void; onCancel: () => void }) {
  const { t } = useTranslation('factors');
  const [name, setName] = useState(() => t('app.nameDefault')), [code, setCode] = useState(''), [sending, setSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || name.trim() === '' || code.replaceAll(' ', '').length !== 6) return;
    setSending(true); setTrouble(null);
    const answer = await factorsApi.addTotp(name.trim(), code);
    setSending(false);
    if (answer.ok) onAdded(answer.value); else { setTrouble(answer.trouble); setCode(''); }
  };
  return (
    <form className="ac-form ac-add" onSubmit={(event) => void save(event)} aria-label={t('app.title')}>
      <h3>{t('app.title')}</h3><p>{t('app.scan')}</p>
      <QrCode words={begun.uri} label={t('app.qr')} />
      <div><span className="quiet">{t('app.key')}</span><code className="ac-secret">{begun.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code></div>
      <TextInput label={t('app.name')} value={name} maxLength={60} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput label={t('app.code')} value={code} maxLength={9} inputMode="numeric" autoComplete="one-time-code" onChange={(event) => setCode(event.currentTarget.value.replace(/[^0-9 ]/g, ''))} autoFocus />
      {trouble !== null && <TroubleBox trouble={trouble} />}
      <div className="card-actions"><button type="submit" className="action" disabled={sending}>{t('app.save')}</button><button type="button" className="action quiet-action" onClick={onCancel}>{t('app.cancel')}</button></div>
    </form>
  );
}

function AddPasskey({ onAdded, onCancel }: { onAdded: (added: FactorAdded) => void; onCancel: () => void }) {
  const { t } = useTranslation('factors');
  const [name, setName] = useState(() => t('passkey.nameDefault')), [sending, setSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null), [fault, setFault] = useState<BrowserFault | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || name.trim() === '') return;
    setSending(true); setTrouble(null); setFault(null);
    const answer = await withPasskey(factorsApi.beginPasskey, (response) => factorsApi.addPasskey(name.trim(), response), true);
    setSending(false);
    if (answer.ok) onAdded(answer.value); else if ('fault' in answer) setFault(answer.fault); else setTrouble(answer.trouble);
  };
  return (
    <form className="ac-form ac-add" onSubmit={(event) => void save(event)} aria-label={t('passkey.title')}>
      <h3>{t('passkey.title')}</h3><p>{t('passkey.lead')}</p>
      <TextInput label={t('passkey.name')} value={name} maxLength={60} onChange={(event) => setName(event.currentTarget.value)} autoFocus />
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {fault !== null && <p role="alert" className="ac-fault">{t(`browser.${fault}`)}</p>}
      <div className="card-actions"><button type="submit" className="action" disabled={sending}>{sending ? t('passkey.waiting') : t('passkey.save')}</button><button type="button" className="action quiet-action" onClick={onCancel}>{t('app.cancel')}</button></div>
    </form>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation('factors');
  const [copied, setCopied] = useState(false);
  const copy = async () => { try { await navigator.clipboard.writeText(codes.join('\n')); setCopied(true); } catch { setCopied(false); } };
  return (
    <div className="ac-add" data-recovery>
      <h3>{t('recovery.title')}</h3><p role="status">{t('recovery.lead')}</p>
      <ol className="ac-codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ol>
      <div className="card-actions">
        {window.isSecureContext && <button type="button" className="action quiet-action" onClick={() => void copy()}>{copied ? t('recovery.copied') : t('recovery.copy')}</button>}
        <button type="button" className="action" onClick={onKept}>{t('recovery.kept')}</button>
      </div>
    </div>
  );
}
