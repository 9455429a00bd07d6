// What a page offers at a place: where the overview says what may be done at its site, that; otherwise what may be done somewhere. The server judges each step anew.
import type { Right } from '../../contract/access.ts';
import type { Incident } from '../../contract/incident.ts';
import { useMay, useMe } from '../parts/me.ts';
import { useScreen } from './LiveProvider.tsx';

export function useMayAt(right: Right, siteId: string | null | undefined): boolean {
  const here = useScreen((screen) => (siteId == null ? undefined : screen.mayAt[siteId]?.includes(right))), somewhere = useMay(right);
  return here ?? somewhere;
}

/** At an incident: by the unit that handles it, or by its place. */
export function useMayIncident(right: Right, { unitId, place }: Pick<Incident, 'unitId' | 'place'>): boolean {
  const atUnit = useMay(right, unitId), atPlace = useMay(right, place.unitId), atSite = useScreen((screen) => place.siteId !== null && (screen.mayAt[place.siteId]?.includes(right) ?? false));
  const isSignedIn = useMe() !== null;
  return isSignedIn && (atUnit || atPlace || atSite);
}
