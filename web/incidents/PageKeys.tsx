// The keys of a page, shown by '?'.
import { Kbd, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function PageKeys({ opened, onClose, keys }: { opened: boolean; onClose: () => void; keys: readonly { keys: readonly string[]; does: string }[] }) {
  const { t } = useTranslation('incidents');
  return (
    // Put together by hand: Mantine's head of a dialog is a <header>, which would be a second banner of the page.
    <Modal.Root opened={opened} onClose={onClose} size="sm"><Modal.Overlay /><Modal.Content><Modal.Body pt="md">
      <div className="card-head"><Modal.Title>{t('keyList.title')}</Modal.Title><Modal.CloseButton aria-label={t('page.close')} /></div>
      <table className="keys"><tbody>{keys.map(({ keys: each, does }) => <tr key={does}><th scope="row">{each.map((key) => <Kbd key={key}>{key}</Kbd>)}</th><td>{does}</td></tr>)}</tbody></table>
    </Modal.Body></Modal.Content></Modal.Root>
  );
}
