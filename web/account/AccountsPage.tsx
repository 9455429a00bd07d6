// Accounts, for administrators: who there is by unit, inviting somebody, roles, links for a lost password, disabling and removing.
import './account.css';
import { Select, TextInput } from '@mantine/core';
import { useMemo, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ACCOUNT_ROLES, type AccountRole, type RoleAt } from '../../contract/access.ts';
import type { AccountRow, Invited } from '../../contract/apiAccounts.ts';
import { incidentsApi } from '../incidents/api.ts';
import { useFetched } from '../incidents/useFetched.ts';
import { UnitSelect } from '../incidents/UnitSelect.tsx';
import { useUnits } from '../incidents/useUnits.ts';
import { mayNow, useMay, useMe } from '../parts/me.ts';
import { useFormat } from '../parts/useFormat.ts';
import { hrefOf } from '../route.ts';
import { ConfirmRemove } from '../setup/ConfirmRemove.tsx';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { accountApi, type Trouble } from './accountApi.ts';
import { ResetFactors } from './factors/ResetFactors.tsx';
import { timeWords } from './timeWords.ts';

/** Rows drawn at once; the others are found by typing. */
const SHOWN_MOST = 200;

export default function AccountsPage() {
  const { t } = useTranslation('account');
  const may = useMay('accounts');
  const [accounts, refetch] = useFetched(may ? 'accounts' : null, accountApi.accounts);
  const [text, setText] = useState(''), [unitId, setUnitId] = useState<string | null>(null), [adding, setAdding] = useState(false), [link, setLink] = useState<Invited | null>(null);
  const { tree } = useUnits();
  const shown = useMemo(() => {
    if (accounts.state !== 'there') return [];
    const wanted = text.trim().toLowerCase();
    const isBelow = (id: string | null): boolean => { for (let at = id, steps = 0; at !== null && steps < 10; at = tree.byId.get(at)?.parentId ?? null, steps++) if (at === unitId) return true; return false; };
    return accounts.value.accounts.filter(({ account }) => (wanted === '' || `${account.name} ${account.signInName}`.toLowerCase().includes(wanted)) && (unitId === null || account.roles.some((role) => isBelow(role.unitId))));
  }, [accounts, text, unitId, tree]);
  if (!may) return <main className="ac-page"><h1>{t('accounts.title')}</h1><p>{t('accounts.notYours')}</p></main>;
  const invited = (made: Invited) => { setLink(made); setAdding(false); refetch(); };
  return (
    <main className="ac-page">
      <h1>{t('accounts.title')}</h1>
      {link !== null && <LinkBox link={link} onClose={() => setLink(null)} />}
      <section aria-labelledby="ac-add">
        <h2 id="ac-add">{t('accounts.add')}</h2>
        {adding ? <AddForm onInvited={invited} onClose={() => setAdding(false)} /> : <button type="button" className="action" onClick={() => { setAdding(true); setLink(null); }}>{t('accounts.invite')}</button>}
      </section>
      <section aria-labelledby="ac-list">
        <h2 id="ac-list">{t('accounts.list')}</h2>
        <div className="ac-filter"><TextInput aria-label={t('accounts.search')} placeholder={t('accounts.search')} value={text} onChange={(event) => setText(event.currentTarget.value)} /><UnitSelect label={t('accounts.unit')} hideLabel value={unitId} onChange={setUnitId} emptyWord={t('accounts.allUnits')} /></div>
        {accounts.state === 'loading' && <p className="quiet" role="status">{t('join.looking')}</p>}
        {accounts.state === 'broken' && <TroubleBox trouble={accounts.trouble} onTryAgain={refetch} />}
        <ul className="ac-rows">{shown.slice(0, SHOWN_MOST).map((row) => <Row key={row.account.accountId} row={row} onLink={(made) => { setLink(made); refetch(); }} onChanged={refetch} />)}</ul>
        {accounts.state === 'there' && shown.length === 0 && <p className="quiet">{t('accounts.none')}</p>}
        {shown.length > SHOWN_MOST && <p className="quiet">{t('accounts.more', { count: shown.length - SHOWN_MOST })}</p>}
      </section>
    </main>
  );
}

/** The only time that the link is seen. */
function LinkBox({ link, onClose }: { link: Invited; onClose: () => void }) {
  const { t } = useTranslation('account');
  const { language } = useFormat();
  const address = `${location.origin}/${hrefOf(`/join/${link.secret}`)}`;
  return (
    <section role="status" aria-labelledby="ac-link" className="ac-link">
      <h2 id="ac-link">{t('link.title', { name: link.account.name })}</h2>
      <p>{t('link.means', { time: timeWords(link.untilMs, language) })}</p>
      <code className="ac-secret">{address}</code>
      <button type="button" className="plain" onClick={onClose}>{t('link.hide')}</button>
    </section>
  );
}

function AddForm({ onInvited, onClose }: { onInvited: (made: Invited) => void; onClose: () => void }) {
  const { t } = useTranslation('account');
  const { language: own } = useFormat();
  const [name, setName] = useState(''), [signInName, setSignInName] = useState(''), [language, setLanguage] = useState<'en' | 'zh'>(own), [roles, setRoles] = useState<RoleAt[]>([]), [memberId, setMemberId] = useState<string | null>(null);
  const [sending, setSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending) return;
    setSending(true); setTrouble(null);
    const answer = await accountApi.addAccount({ signInName: signInName.trim(), name: name.trim(), language, roles, memberId });
    setSending(false);
    if (answer.ok) onInvited(answer.value); else setTrouble(answer.trouble);
  };
  return (
    <form className="ac-form" onSubmit={(event) => void send(event)}>
      <TextInput label={t('join.name')} value={name} maxLength={80} onChange={(event) => setName(event.currentTarget.value)} autoFocus autoComplete="off" />
      <TextInput label={t('signIn.name')} description={t('accounts.signInNameRules')} value={signInName} maxLength={64} onChange={(event) => setSignInName(event.currentTarget.value)} autoComplete="off" autoCapitalize="none" spellCheck={false} />
      <Select label={t('page.language')} value={language} onChange={(value) => setLanguage((value ?? 'en') as 'en' | 'zh')} data={[{ value: 'en', label: 'English' }, { value: 'zh', label: '中文' }]} allowDeselect={false} />
      <RolesField roles={roles} onChange={setRoles} />
      <MemberField roles={roles} memberId={memberId} onChange={setMemberId} />
      {trouble !== null && <TroubleBox trouble={trouble} />}
      <div className="card-actions"><button type="submit" className="action" disabled={sending || name.trim() === '' || signInName.trim().length < 2}>{t('accounts.makeLink')}</button><button type="button" className="action quiet-action" onClick={onClose}>{t('link.cancel')}</button></div>
    </form>
  );
}

/** Roles and where they hold; only units that one administers oneself are offered. */
function RolesField({ roles, onChange }: { roles: readonly RoleAt[]; onChange: (roles: RoleAt[]) => void }) {
  const { t } = useTranslation('account');
  const { nameOf } = useUnits();
  const isWhole = useMay('accounts', null);
  const [role, setRole] = useState<AccountRole>('operator'), [unitId, setUnitId] = useState<string | null>(null);
  const place = (id: string | null) => (id === null ? t('menu.whole') : nameOf(id) ?? t('menu.noName'));
  const has = roles.some((one) => one.role === role && one.unitId === unitId), may = unitId !== null || isWhole;
  return (
    <fieldset className="ac-roles">
      <legend>{t('accounts.roles')}</legend>
      <ul>{roles.map((one) => (
        <li key={`${one.role} ${one.unitId}`}>{t('menu.roleAt', { role: t(`role.${one.role}`), place: place(one.unitId) })} <button type="button" className="plain" aria-label={t('accounts.takeRole', { role: t(`role.${one.role}`), place: place(one.unitId) })} onClick={() => onChange(roles.filter((other) => other !== one))}>{t('accounts.take')}</button></li>
      ))}</ul>
      <div className="ac-filter">
        <Select aria-label={t('accounts.role')} value={role} onChange={(value) => { if (value !== null) setRole(value as AccountRole); }} data={ACCOUNT_ROLES.map((each) => ({ value: each, label: t(`role.${each}`) }))} allowDeselect={false} />
        <UnitSelect label={t('accounts.unit')} hideLabel value={unitId} onChange={setUnitId} emptyWord={isWhole ? t('menu.whole') : t('accounts.chooseUnit')} only={(each) => mayNow('accounts', each)} />
        <button type="button" className="action quiet-action" disabled={has || !may} onClick={() => onChange([...roles, { role, unitId }])}>{t('accounts.give')}</button>
      </div>
      <p className="quiet">{t(`roleMeans.${role}`)}</p>
    </fieldset>
  );
}

/** The person on duty that the account is: those of the units where it has a role. */
function MemberField({ roles, memberId, onChange }: { roles: readonly RoleAt[]; memberId: string | null; onChange: (memberId: string | null) => void }) {
  const { t } = useTranslation('account');
  const units = [...new Set(roles.flatMap(({ unitId }) => (unitId === null ? [] : [unitId])))].slice(0, 5);
  const [other, setOther] = useState<string | null>(null);
  const asked = [...units, ...(other === null ? [] : [other])];
  const [people] = useFetched(asked.length === 0 ? null : asked.join(' '), async () => {
    const members: { value: string; label: string }[] = [];
    for (const unitId of asked) { const answer = await incidentsApi.people(unitId); if (!answer.ok) return answer; members.push(...answer.value.members.map((member) => ({ value: member.memberId, label: member.name }))); }
    return { ok: true as const, value: [...new Map(members.map((member) => [member.value, member])).values()] };
  });
  return (
    <>
      {units.length === 0 && <UnitSelect label={t('accounts.memberUnit')} value={other} onChange={setOther} emptyWord={t('accounts.noMember')} only={(each) => mayNow('accounts', each)} />}
      {asked.length > 0 && <Select label={t('accounts.member')} description={t('accounts.memberMeans')} value={memberId} onChange={onChange} data={people.state === 'there' ? people.value : []} clearable placeholder={t('accounts.noMember')} searchable />}
    </>
  );
}

function Row({ row: { account, mayChange, invitedUntilMs, hasPassword }, onLink, onChanged }: { row: AccountRow; onLink: (made: Invited) => void; onChanged: () => void }) {
  const { t } = useTranslation('account');
  const { language } = useFormat();
  const { nameOf } = useUnits();
  const me = useMe();
  const [isOpen, setIsOpen] = useState(false), [removing, setRemoving] = useState(false), [roles, setRoles] = useState<RoleAt[] | null>(null), [trouble, setTrouble] = useState<Trouble | null>(null);
  const isSelf = me?.account.accountId === account.accountId;
  const act = async (work: () => Promise<{ ok: boolean; trouble?: Trouble }>) => {
    const answer = await work();
    setTrouble(answer.ok ? null : answer.trouble ?? null);
    if (answer.ok) { setRoles(null); onChanged(); }
  };
  const link = async () => { const answer = await accountApi.link(account.accountId); if (answer.ok) { setTrouble(null); onLink(answer.value); scrollTo({ top: 0 }); } else setTrouble(answer.trouble); };
  const state = !account.enabled ? t('accounts.disabled') : account.kind === 'oidc' ? t('accounts.elsewhere') : hasPassword ? invitedUntilMs === null ? null : t('accounts.recovering', { time: timeWords(invitedUntilMs, language) }) : invitedUntilMs === null ? t('accounts.linkOver') : t('accounts.invitedUntil', { time: timeWords(invitedUntilMs, language) });
  return (
    <li data-account={account.signInName} data-enabled={account.enabled}>
      <span className="grow"><strong>{account.name}</strong> <span className="quiet">{account.signInName}</span>{state !== null && <em> {state}</em>}<br />
        <span className="quiet">{account.roles.map((role) => t('menu.roleAt', { role: t(`role.${role.role}`), place: role.unitId === null ? t('menu.whole') : nameOf(role.unitId) ?? t('menu.noName') })).join(' · ') || t('accounts.noRole')}</span></span>
      <button type="button" className="action quiet-action" aria-expanded={isOpen} aria-label={t('accounts.changeOf', { name: account.name })} onClick={() => setIsOpen(!isOpen)}>{t('accounts.change')}</button>
      {isOpen && (
        <div className="ac-open">
          <RolesField roles={roles ?? account.roles} onChange={setRoles} />
          {roles !== null && <div className="card-actions"><button type="button" className="action" onClick={() => void act(() => accountApi.changeAccount(account.accountId, { roles }))}>{t('accounts.keepRoles')}</button><button type="button" className="action quiet-action" onClick={() => setRoles(null)}>{t('link.cancel')}</button></div>}
          {!mayChange && <p className="quiet">{t('accounts.alsoElsewhere')}</p>}
          {mayChange && (
            <div className="card-actions">
              {account.kind === 'local' && account.enabled && <button type="button" className="action quiet-action" onClick={() => void link()}>{hasPassword ? t('accounts.recovery') : t('accounts.newLink')}</button>}
              <button type="button" className="action quiet-action" onClick={() => void act(() => accountApi.endSessionsOf(account.accountId))}>{t('accounts.endSessions')}</button>
              {!isSelf && account.secondFactors.length > 0 && <ResetFactors account={account} onDone={onChanged} onTrouble={setTrouble} />}
              {!isSelf && <button type="button" className="action quiet-action" onClick={() => void act(() => accountApi.changeAccount(account.accountId, { enabled: !account.enabled }))}>{account.enabled ? t('accounts.disable') : t('accounts.enable')}</button>}
              {!isSelf && <button type="button" className="action quiet-action" onClick={() => setRemoving(true)}>{t('accounts.remove')}</button>}
            </div>
          )}
          {trouble !== null && <TroubleBox trouble={trouble} />}
        </div>
      )}
      {removing && <ConfirmRemove title={t('accounts.removeTitle', { name: account.name })} typedName={null} remove={() => accountApi.removeAccount(account.accountId)} onClose={() => setRemoving(false)} onRemoved={() => { setRemoving(false); onChanged(); }}><p>{t('accounts.removeText')}</p></ConfirmRemove>}
    </li>
  );
}
