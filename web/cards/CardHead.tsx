// The head of every card: what it is, its name, and the way out.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesk } from '../shell/chosen.ts';

export function CardHead({ kind, sign, name, children }: { kind: string; sign: ReactNode; name: string; children?: ReactNode }) {
  const { t } = useTranslation();
  const { choose } = useDesk();
  return (
    <div className="card-head">
      {sign}<h2><span className="quiet">{kind}</span> {name}</h2>{children}
      <button type="button" className="plain close" aria-label={t('app.close')} onClick={() => choose(null)}>×</button>
    </div>
  );
}
