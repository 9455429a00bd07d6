// Who acts on this screen: whoever is signed in, under the name and duty that the server takes their steps by.
import type { Actor } from '../../contract/incident.ts';
import { lookAgain, meNow, useMe } from './me.ts';

/** Null: nobody is signed in. */
export const whoNow = (): Actor | null => meNow()?.actor ?? null;
export const useWho = (): Actor | null => useMe()?.actor ?? null;
/** A step that finds nobody signed in: the door opens by itself as soon as the server says so. */
export const askWho = (): void => lookAgain();
