// A dialog of this page. Put together by hand: Mantine's head of a dialog is a <header>, which would be a second banner of the page.
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export function Dialog({ title, size = 'md', onClose, children }: { title: string; size?: 'md' | 'lg'; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation('channels');
  return (
    <Modal.Root opened onClose={onClose} size={size} centered><Modal.Overlay /><Modal.Content><Modal.Body pt="md">
      <div className="card-head"><Modal.Title>{title}</Modal.Title><Modal.CloseButton aria-label={t('cancel')} /></div>
      {children}
    </Modal.Body></Modal.Content></Modal.Root>
  );
}
