// Asks why somebody looks at a camera, before its picture is shown.
import './audit.css';
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { sayWhy } from '../parts/lookReason.ts';

export function LookWhy({ sensorId, onSaid }: { sensorId: string; onSaid: () => void }) {
  const { t } = useTranslation('audit');
  const [reason, setReason] = useState(''), [missing, setMissing] = useState(false);
  const show = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (reason.trim() === '') { setMissing(true); return; }
    sayWhy(sensorId, reason);
    onSaid();
  };
  return (
    <form className="look-why" onSubmit={show} aria-label={t('look.title')}>
      <strong>{t('look.title')}</strong>
      <p className="quiet">{t('look.lead')}</p>
      <TextInput size="xs" label={t('look.label')} maxLength={500} value={reason} error={missing ? t('look.need') : undefined} onChange={(event) => { setReason(event.currentTarget.value); setMissing(false); }} />
      <Button type="submit" size="xs">{t('look.show')}</Button>
    </form>
  );
}
