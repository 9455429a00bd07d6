// Before something goes for good: what goes with it, and for a whole site its name typed out.
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Answer, Trouble } from './api.ts';
import { TroubleBox } from './TroubleBox.tsx';

export function ConfirmRemove({ title, children, typedName, remove, onRemoved, onClose }: {
  title: string;
  children: ReactNode;
  /** What must be typed before the button works; null where a click is enough. */
  typedName: string | null;
  remove: () => Promise<Answer<unknown>>;
  onRemoved: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('setup');
  const [typed, setTyped] = useState('');
  const [isRemoving, setIsRemoving] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const act = async () => {
    if (typedName !== null && typed.trim() !== typedName) return;
    setIsRemoving(true);
    const answer = await remove();
    setIsRemoving(false);
    // Gone already is what was wanted.
    if (!answer.ok && !(answer.trouble.from === 'server' && answer.trouble.note.code === 'notFound')) { setTrouble(answer.trouble); return; }
    onRemoved();
  };
  return (
    <Modal opened onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': t('remove.keep') }}>
      <form onSubmit={(event) => { event.preventDefault(); void act(); }}>
        <div className="setup-remove-text">{children}</div>
        {typedName !== null && <TextInput mt="sm" data-autofocus label={t('remove.typeName', { name: typedName })} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} autoComplete="off" />}
        {trouble !== null && <TroubleBox trouble={trouble} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose} data-autofocus={typedName === null || undefined}>{t('remove.keep')}</Button>
          <Button type="submit" className="setup-danger" loading={isRemoving} disabled={typedName !== null && typed.trim() !== typedName}>{t('remove.remove')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
