// What the person at the desk has picked: one thing at a time, on the map, in the lists and in the card alike.
import { createContext, useContext } from 'react';
import type { SitePoint } from '../../contract/geometry.ts';

export type Chosen = { kind: 'alarm'; alarmId: string } | { kind: 'zone'; zoneId: string } | { kind: 'sensor'; sensorId: string } | { kind: 'line'; lineId: string } | null;
/** Ground to bring into view. */
export type Target = { siteId: string; points: SitePoint[] };
export type Desk = { chosen: Chosen; choose: (next: Chosen) => void; show: (target: Target | null) => void };

export const DeskContext = createContext<Desk>({ chosen: null, choose: () => undefined, show: () => undefined });
export const useDesk = () => useContext(DeskContext);
