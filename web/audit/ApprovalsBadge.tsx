// In the head of every page: how many steps of others wait for this person's answer. Nothing where nothing waits.
import './audit.css';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useFetched } from '../incidents/useFetched.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { useMay } from '../parts/me.ts';
import { hrefOf, pagePaths } from '../route.ts';
import { auditApi } from './auditApi.ts';

const ASK_EVERY_MS = 60_000;

export function ApprovalsBadge() {
  const { t } = useTranslation('audit');
  const mayConfirm = useMay('confirm'), turn = useScreen((screen) => screen.approvalsTurn);
  const [all, refetch] = useFetched(mayConfirm ? 'approvals' : null, auditApi.approvals, ASK_EVERY_MS);
  useEffect(() => { refetch(); }, [turn, refetch]);
  const count = all.state === 'there' ? all.value.waiting.length : 0;
  if (!mayConfirm || count === 0) return null;
  return <a className="head-note au-badge" href={hrefOf(pagePaths.approvals())} aria-label={`${t('approvals.short')} ${count}: ${t('approvals.badge', { count })}`}>{t('approvals.short')} <b>{count}</b></a>;
}
