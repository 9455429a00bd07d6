// Who is signed in at this screen: the name and where it serves, and the way to one's account and out.
import { Popover } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signOut, useMay, useMe } from '../parts/me.ts';
import { ThemeChoice } from '../parts/ThemeChoice.tsx';
import { hrefOf, pagePaths } from '../route.ts';
import { useUnits } from './useUnits.ts';

export function WhoButton() {
  const { t } = useTranslation('account'), sharing = useTranslation('sharing').t, audit = useTranslation('audit').t;
  const me = useMe(), mayAccounts = useMay('accounts'), maySee = useMay('see'), mayAudit = useMay('audit');
  const { nameOf } = useUnits();
  const [failed, setFailed] = useState(false), [isOpen, setIsOpen] = useState(false);
  if (me === null) return null;
  const { account, actor } = me;
  const where = (unitId: string | null) => (unitId === null ? t('menu.whole') : nameOf(unitId) ?? t('menu.noName'));
  const leave = async () => { if (!await signOut()) setFailed(true); };
  return (
    <Popover position="bottom-end" width={280} withinPortal={false} shadow="md" trapFocus returnFocus opened={isOpen} onChange={setIsOpen} onClose={() => setFailed(false)}>
      <Popover.Target>
        <button type="button" className="in-who" onClick={() => setIsOpen(!isOpen)} aria-label={[t('menu.of', { name: actor.name }), ...(account.roles[0] === undefined ? [] : [t(`role.${account.roles[0].role}`)])].join(' ')}>
          {actor.name}{account.roles[0] !== undefined && <> <span className="quiet wide-only">{t(`role.${account.roles[0].role}`)}</span></>}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="ac-menu" aria-label={t('menu.of', { name: actor.name })}>
        <div className="ac-menu-head">
          <strong>{account.name}</strong> <span className="quiet">{account.signInName}</span>
          {account.roles.length === 0 && <p className="quiet">{t('menu.noRole')}</p>}
          <ul>{account.roles.slice(0, 8).map((role) => <li key={`${role.role} ${role.unitId}`}>{t('menu.roleAt', { role: t(`role.${role.role}`), place: where(role.unitId) })}</li>)}</ul>
        </div>
        <a className="ac-menu-item" onClick={() => setIsOpen(false)} href={hrefOf(pagePaths.account())}>{t('page.title')}</a>
        {maySee && <a className="ac-menu-item" onClick={() => setIsOpen(false)} href={hrefOf(pagePaths.sharing())}>{sharing('page.title')}</a>}
        <a className="ac-menu-item" onClick={() => setIsOpen(false)} href={hrefOf(pagePaths.approvals())}>{audit('approvals.title')}</a>
        <a className="ac-menu-item" onClick={() => setIsOpen(false)} href={hrefOf(mayAudit ? pagePaths.audit() : '/audit/own')}>{audit(mayAudit ? 'page.title' : 'page.own')}</a>
        {mayAccounts && <a className="ac-menu-item" onClick={() => setIsOpen(false)} href={hrefOf(pagePaths.accounts())}>{t('accounts.title')}</a>}
        <div className="ac-menu-theme"><ThemeChoice /></div>
        <button type="button" className="ac-menu-item" onClick={() => void leave()}>{t('menu.signOut')}</button>
        {failed && <p className="ac-trouble" role="alert">{t('menu.notSignedOut')}</p>}
      </Popover.Dropdown>
    </Popover>
  );
}
