// The names and addresses by which browsers reach this machine: for its certificate, and for the check of the Host of each request.
import { isIP } from 'node:net';
import os from 'node:os';

/** As they stand in a Host header, without port: lower case, IPv6 in brackets. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
export const isLoopbackHost = (host: string): boolean => LOOPBACK_NAMES.includes(host) || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

/** `listenHost` alone where it is one address; otherwise the name of this machine and the addresses of all its networks. Link-local ones are left out: they have no fixed name. */
export function machineNames({ listenHost, hostNames, publicAddress }: { listenHost: string; hostNames: readonly string[]; publicAddress: string }, machine: { hostName: string; addresses: readonly string[] } = thisMachine()): string[] {
  const everywhere = listenHost === '0.0.0.0' || listenHost === '::';
  const own = machine.hostName.toLowerCase().replace(/\.$/, '');
  const named = isHostName(own) ? [own, ...(own.includes('.') ? [] : [`${own}.local`])] : [];
  const heard = everywhere ? [...named, ...machine.addresses.filter((address) => isIP(address) === 4 || listenHost === '::')] : isLoopbackHost(listenHost) ? [] : [listenHost];
  return [...new Set([...LOOPBACK_NAMES, ...hostNames.map((name) => name.toLowerCase()), ...hostOf(publicAddress), ...heard.map((name) => bracketed(name.toLowerCase()))])];
}

/** Without brackets and port: what a certificate is made for. */
export const bareName = (name: string): string => name.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([^:]+):\d{1,5}$/, '$1');
export const bracketed = (name: string): string => (isIP(name) === 6 ? `[${name}]` : name);
export const isHostName = (name: string): boolean => name.length <= 253 && /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/i.test(name);

function hostOf(address: string): string[] {
  try { return [new URL(address).hostname.toLowerCase()]; } catch { return []; }
}
function thisMachine(): { hostName: string; addresses: string[] } {
  const addresses = Object.values(os.networkInterfaces()).flatMap((one) => one ?? []).filter(({ internal, address }) => !internal && !/^fe[89ab]|^169\.254\./i.test(address)).map(({ address }) => address);
  return { hostName: os.hostname(), addresses };
}
