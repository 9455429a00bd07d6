// One picture of a camera, asked for once and kept while the page is open; with its shape, its instant, or why there is none.
import { useEffect, useState } from 'react';
import { askPicture, type Trouble } from '../api.ts';

export type Picture = { state: 'loading' } | { state: 'there'; url: string; pictureAspect: number; capturedAtMs: number | null } | { state: 'none'; trouble: Trouble | null; /** Why it is looked at must be said first; then `again`. */ asksWhy?: { sensorId: string; again: () => void } };

/** `given`: a JPEG that is here already (the answer of a test); a turn above 0 asks the camera anew. */
export function usePicture(sensorId: string | null, turn: number, given: string | null): Picture {
  const [picture, setPicture] = useState<Picture>({ state: 'loading' }), [saidTurn, setSaidTurn] = useState(0);
  useEffect(() => {
    let isGone = false, url: string | null = null;
    const show = async () => {
      const asked = given !== null && turn === 0 ? { ok: true as const, value: { jpeg: jpegOf(given), capturedAtMs: null } } : sensorId === null ? null : await askPicture(sensorId);
      if (isGone) return;
      if (asked === null || !asked.ok) {
        const trouble = asked === null ? null : asked.trouble, asksWhy = sensorId !== null && trouble?.from === 'server' && trouble.note.code === 'reasonNeeded';
        setPicture({ state: 'none', trouble, ...(asksWhy ? { asksWhy: { sensorId, again: () => setSaidTurn((before) => before + 1) } } : {}) });
        return;
      }
      try {
        const bitmap = await createImageBitmap(asked.value.jpeg);
        const pictureAspect = bitmap.width / bitmap.height;
        bitmap.close();
        if (isGone) return;
        url = URL.createObjectURL(asked.value.jpeg);
        setPicture({ state: 'there', url, pictureAspect, capturedAtMs: asked.value.capturedAtMs });
      } catch (error) { if (!isGone) setPicture({ state: 'none', trouble: { from: 'line', detail: `picture: ${String(error)}` } }); }
    };
    void show();
    return () => { isGone = true; if (url !== null) URL.revokeObjectURL(url); };
  }, [sensorId, turn, given, saidTurn]);
  return picture;
}

function jpegOf(base64: string): Blob {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: 'image/jpeg' });
}
