// The outbox of this browser: one for all pages, woken when the network comes back.
import { useSyncExternalStore } from 'react';
import { incidentsApi } from '../incidents/api.ts';
import { meState } from '../parts/me.ts';
import { outbox, type Deed, type Outbox, type Photo, type Waiting } from './outbox.ts';

const KEPT_AS = 'crowdlight.outbox';
const takenListeners = new Set<(deed: Deed) => void>();
let made: Outbox | null = null;

export function dutyOutbox(): Outbox {
  if (made === null) {
    made = outbox({
      storage: {
        read: () => { try { return localStorage.getItem(KEPT_AS); } catch { return null; } },
        write: (text) => { try { localStorage.setItem(KEPT_AS, text); return true; } catch { return false; } },
      },
      command: incidentsApi.command, report: incidentsApi.report, attach: async (photo) => incidentsApi.attach(bytesOf(photo), photo.name),
      whose: () => { const now = meState(); return now.state === 'in' ? now.me.account.accountId : null; },
      nowMs: () => Date.now(), later: (ms, act) => { const timer = setTimeout(act, ms); return () => clearTimeout(timer); },
      onTaken: (deed) => { for (const listener of takenListeners) listener(deed); },
    });
    addEventListener('online', () => made?.wake());
    made.wake();
  }
  return made;
}
export function onTaken(listener: (deed: Deed) => void): () => void { takenListeners.add(listener); return () => { takenListeners.delete(listener); }; }
export const useWaiting = (): readonly Waiting[] => useSyncExternalStore(dutyOutbox().subscribe, dutyOutbox().waiting);

function bytesOf({ base64, type }: Photo): Blob { return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type }); }

const SIDE_MOST_PX = 1600, QUALITY = 0.8;
/** Made smaller for a bad network; where a phone's camera wrote its place and make into the file, that is gone, too. */
export async function photoOf(file: File): Promise<Photo | null> {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, SIDE_MOST_PX / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale)); canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const address = canvas.toDataURL('image/jpeg', QUALITY);
    return { name: `${file.name.replace(/\.[A-Za-z0-9]+$/, '').slice(0, 80) || 'photo'}.jpg`, type: 'image/jpeg', base64: address.slice(address.indexOf(',') + 1), sent: null };
  } catch { return null; }
}
