// Where in the page we are, in the address after '#': it can be linked to and needs nothing of the server. '/' is the map; '/setup/...' is the work of the administrator.
import { useSyncExternalStore } from 'react';

export function useRoute(): string {
  return useSyncExternalStore(onRoute, routeNow);
}

/** Addresses of the setup pages, in one place: the map links to them, web/setup answers them. */
export const setupPaths = {
  home: () => '/setup',
  model: () => '/setup/model',
  channels: () => '/setup/channels',
  addSite: () => '/setup/sites/new',
  site: (siteId: string) => `/setup/sites/${siteId}`,
  addCamera: (siteId?: string) => (siteId === undefined ? '/setup/cameras/new' : `/setup/sites/${siteId}/cameras/new`),
  camera: (sensorId: string) => `/setup/cameras/${sensorId}`,
  maskCamera: (sensorId: string) => `/setup/cameras/${sensorId}/masks`,
  placeCamera: (sensorId: string) => `/setup/cameras/${sensorId}/place`,
  addZone: (siteId: string) => `/setup/sites/${siteId}/zones/new`,
  zone: (zoneId: string) => `/setup/zones/${zoneId}`,
  addLine: (siteId: string) => `/setup/sites/${siteId}/lines/new`,
  line: (lineId: string) => `/setup/lines/${lineId}`,
  units: () => '/setup/units',
  addUnit: (parentId?: string) => (parentId === undefined ? '/setup/units/new' : `/setup/units/new/${parentId}`),
  importUnits: () => '/setup/units/import',
  unitChanges: () => '/setup/units/changes',
  unit: (unitId: string) => `/setup/units/${unitId}`,
  unitPeople: (unitId: string) => `/setup/units/${unitId}/people`,
  unitPolicy: (unitId: string) => `/setup/units/${unitId}/policy`,
  playbooks: (siteId: string) => `/setup/sites/${siteId}/playbooks`,
} as const;

/** Addresses of the pages beside the map. */
export const pagePaths = {
  incidents: () => '/incidents', incident: (incidentId: string) => `/incidents/${incidentId}`, duty: () => '/duty', dutyOf: (incidentId: string) => `/duty/${incidentId}`,
  board: (unitId?: string) => (unitId === undefined ? '/board' : `/board/${unitId}`), statistics: () => '/statistics', load: () => '/load', whatIf: () => '/whatif',
  account: () => '/account', accounts: () => '/accounts', join: (secret: string) => `/join/${secret}`, audit: () => '/audit', approvals: () => '/approvals', privacy: () => '/privacy', sharing: (siteId?: string, incidentId?: string) => ['/sharing', siteId, incidentId].filter((part) => part !== undefined).join('/'),
} as const;

export const hrefOf = (path: string) => `#${path}`;
export function goTo(path: string): void { location.hash = path; }

function onRoute(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
function routeNow(): string {
  const path = location.hash.slice(1).split('?')[0] ?? '';
  return path === '' ? '/' : path;
}
