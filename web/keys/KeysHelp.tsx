// The keys of the page, shown by '?'.
import { Kbd, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export const PAGE_KEYS = [
  { keys: ['J', '↓'], does: 'next' }, { keys: ['K', '↑'], does: 'previous' }, { keys: ['A'], does: 'acknowledge' }, { keys: ['S'], does: 'shelve' }, { keys: ['U'], does: 'unshelve' }, { keys: ['F'], does: 'fly' }, { keys: ['/'], does: 'search' },
  { keys: ['M'], does: 'mute' }, { keys: ['H'], does: 'fit' }, { keys: ['[', ']'], does: 'panels' }, { keys: ['T'], does: 'theme' }, { keys: ['Esc'], does: 'close' }, { keys: ['?'], does: 'help' },
] as const;

export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    // Put together by hand: Mantine's head of a dialog is a <header>, which would be a second banner of the page.
    <Modal.Root opened={opened} onClose={onClose} size="sm"><Modal.Overlay /><Modal.Content><Modal.Body pt="md">
      <div className="card-head"><Modal.Title>{t('keys.title')}</Modal.Title><Modal.CloseButton aria-label={t('app.close')} /></div>
      <table className="keys"><tbody>
        {PAGE_KEYS.map(({ keys, does }) => <tr key={does}><th scope="row">{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</th><td>{t(`keys.${does}`)}</td></tr>)}
      </tbody></table>
    </Modal.Body></Modal.Content></Modal.Root>
  );
}
